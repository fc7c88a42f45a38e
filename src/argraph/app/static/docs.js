// @ts-check
/** Swagger UI on this server's own description; nothing is asked of any other server. */

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const dress = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", dress);
dress();

// @ts-expect-error: the bundle comes without types
window.SwaggerUIBundle({ url: "/openapi.json", dom_id: "#docs", layout: "BaseLayout", validatorUrl: null });
