import java.io.File;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.gephi.graph.api.Column;
import org.gephi.graph.api.Edge;
import org.gephi.graph.api.Element;
import org.gephi.graph.api.Graph;
import org.gephi.graph.api.GraphController;
import org.gephi.graph.api.GraphModel;
import org.gephi.graph.api.Interval;
import org.gephi.graph.api.Node;
import org.gephi.graph.api.types.IntervalSet;
import org.gephi.io.importer.api.Container;
import org.gephi.io.importer.api.EdgeMergeStrategy;
import org.gephi.io.importer.api.ImportController;
import org.gephi.io.importer.api.Issue;
import org.gephi.io.processor.plugin.DefaultProcessor;
import org.gephi.project.api.ProjectController;
import org.gephi.project.api.Workspace;
import org.openide.util.Lookup;

/** What Gephi makes of each file, as lines of JSON: GephiDump FILE OUT [FILE OUT]... Texts are in hex. */
public class GephiDump {
    public static void main(String[] args) throws Exception {
        ProjectController projects = Lookup.getDefault().lookup(ProjectController.class);
        projects.newProject();
        for (int i = 0; i + 1 < args.length; i += 2) {
            try (PrintStream out = new PrintStream(args[i + 1], "US-ASCII")) {
                dump(projects.newWorkspace(projects.getCurrentProject()), new File(args[i]), out);
            }
        }
        System.exit(0);
    }

    private static void dump(Workspace workspace, File file, PrintStream out) throws Exception {
        ImportController importer = Lookup.getDefault().lookup(ImportController.class);
        Container container = importer.importFile(file);
        container.getLoader().setAutoScale(false);
        container.getLoader().setEdgesMergeStrategy(EdgeMergeStrategy.NO_MERGE);
        container.getLoader().setAllowAutoNode(false);
        java.util.Iterator<Issue> issues = container.getReport().getIssues(1000);
        while (issues.hasNext()) {
            Issue issue = issues.next();
            out.println("{\"issue\":\"" + issue.getLevel() + " " + hex(issue.getMessage()) + "\"}");
        }
        importer.process(container, new DefaultProcessor(), workspace);
        GraphModel model = Lookup.getDefault().lookup(GraphController.class).getGraphModel(workspace);
        Graph graph = model.getGraph();
        for (Node node : graph.getNodes()) {
            out.print("{\"node\":\"" + hex(node.getId().toString()) + "\",\"label\":\"" + hex(node.getLabel())
                    + "\",\"r\":" + Math.round(node.r() * 255) + ",\"g\":" + Math.round(node.g() * 255) + ",\"b\":"
                    + Math.round(node.b() * 255) + ",\"x\":" + node.x() + ",\"y\":" + node.y() + ",\"size\":"
                    + node.size() + ",\"alpha\":" + node.alpha());
            attributes(node, out);
        }
        for (Edge edge : graph.getEdges()) {
            out.print("{\"edge\":\"" + hex(edge.getId().toString()) + "\",\"source\":\""
                    + hex(edge.getSource().getId().toString()) + "\",\"target\":\""
                    + hex(edge.getTarget().getId().toString()) + "\",\"weight\":" + edge.getWeight()
                    + ",\"directed\":" + edge.isDirected());
            attributes(edge, out);
        }
    }

    private static void attributes(Element element, PrintStream out) {
        out.print(",\"attributes\":{");
        String comma = "";
        for (Column column : element.getTable()) {
            Object value = element.getAttribute(column);
            if (value == null || column.getId().equals("id") || column.getId().equals("label"))
                continue;
            out.print(comma + "\"" + column.getTitle() + "\":");
            comma = ",";
            if (value instanceof IntervalSet) {
                Interval interval = ((IntervalSet) value).toArray()[0];
                out.print("{\"from\":" + number(interval.getLow()) + ",\"to\":" + number(interval.getHigh()) + "}");
            } else if (value instanceof Double || value instanceof Float) {
                out.print("{\"" + value.getClass().getSimpleName() + "\":" + value + "}");
            } else {
                out.print("{\"" + value.getClass().getSimpleName() + "\":\"" + hex(value.toString()) + "\"}");
            }
        }
        out.println("}}");
    }

    private static String number(double value) {
        return Double.isInfinite(value) ? "null" : String.format(java.util.Locale.ROOT, "%.3f", value);
    }

    private static String hex(String text) {
        StringBuilder out = new StringBuilder();
        for (byte b : (text == null ? "" : text).getBytes(StandardCharsets.UTF_8))
            out.append(String.format("%02x", b));
        return out.toString();
    }
}
