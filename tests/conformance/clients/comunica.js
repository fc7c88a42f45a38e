// Reads [{ "source": address, "query": text, "form": media type }, …] from standard input, has Comunica answer
// each, and writes the answers as a JSON list of texts; a failure as { "error": message } in its place.
import { QueryEngine } from "@comunica/query-sparql";
import { text } from "node:stream/consumers";

const engine = new QueryEngine();

async function answer({ source, query, form }) {
  try {
    const result = await engine.query(query, { sources: [source] });
    const { data } = await engine.resultToString(result, form);
    return await text(data);
  } catch (error) {
    return { error: error.message };
  }
}

const questions = JSON.parse(await text(process.stdin));
const answers = [];
for (const question of questions) answers.push(await answer(question));
process.stdout.write(JSON.stringify(answers));
