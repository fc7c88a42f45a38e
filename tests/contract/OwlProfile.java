import java.io.File;
import org.semanticweb.owlapi.apibinding.OWLManager;
import org.semanticweb.owlapi.formats.TurtleDocumentFormat;
import org.semanticweb.owlapi.io.FileDocumentSource;
import org.semanticweb.owlapi.model.OWLOntology;
import org.semanticweb.owlapi.model.OWLOntologyLoaderConfiguration;
import org.semanticweb.owlapi.model.OWLOntologyManager;
import org.semanticweb.owlapi.profiles.OWL2DLProfile;
import org.semanticweb.owlapi.profiles.OWLProfileViolation;

/**
 * Says whether an ontology, with all that it imports, is within OWL 2 DL.
 *
 * <p>Arguments: Turtle files, each after those that it imports; the last one is judged. Prints the number of axioms
 * that were read, then one violation a line.
 */
final class OwlProfile {
    public static void main(String[] files) throws Exception {
        OWLOntologyManager manager = OWLManager.createOWLOntologyManager();
        // By default a property of two kinds is repaired while it is read, and never reported.
        manager.setOntologyLoaderConfiguration(new OWLOntologyLoaderConfiguration().setRepairIllegalPunnings(false));
        OWLOntology ontology = null;
        for (String file : files) {
            // The format is given, since OWL API would otherwise try all its parsers in no fixed order.
            ontology = manager.loadOntologyFromOntologyDocument(
                    new FileDocumentSource(new File(file), new TurtleDocumentFormat()));
        }
        System.out.println(ontology.importsClosure().mapToLong(OWLOntology::getAxiomCount).sum() + " axioms");
        for (OWLProfileViolation violation : new OWL2DLProfile().checkOntology(ontology).getViolations()) {
            System.out.println(violation.toString().replace('\n', ' '));
        }
    }
}
