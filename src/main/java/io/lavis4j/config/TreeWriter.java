package io.lavis4j.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;

/** A configuration as text. */
final class TreeWriter {

    private TreeWriter() {}

    /** YAML of which {@link YamlReader} makes the same tree. */
    static String yaml(Map<String, Object> tree) {
        var options = new DumperOptions();
        options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
        options.setSplitLines(false);
        var loading = new LoaderOptions();
        return new Yaml(new SafeConstructor(loading), new Scalars(options), options, loading, new YamlScalars())
                .dump(Tree.copy(tree)); // a copy shares nothing, so there are no anchors
    }

    /** Writes 1e-5 as such, and every text as a text, {@code ${...}} in it too. */
    private static final class Scalars extends Representer {

        Scalars(DumperOptions options) {
            super(options);
            representers.put(String.class, Scalars.this::text); // never as binary
            representers.put(Double.class, Scalars.this::number);
        }

        private Node text(Object value) {
            return representScalar(Tag.STR, Interpolation.escaped((String) value));
        }

        private Node number(Object value) {
            double number = (Double) value;
            String text = Double.toString(number).replace(".0E", "E").replace('E', 'e');
            if (Double.isNaN(number)) {
                text = ".nan";
            } else if (Double.isInfinite(number)) {
                text = number > 0 ? ".inf" : "-.inf";
            }
            return representScalar(Tag.FLOAT, text);
        }
    }

    /** JSON, indented by four spaces and laid out as Python does. */
    static String json(Map<String, Object> tree) {
        var separators = Separators.createDefaultInstance()
                .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
                .withObjectEmptySeparator("")
                .withArrayEmptySeparator("");
        var indenter = new DefaultIndenter("    ", "\n");
        var printer =
                new DefaultPrettyPrinter(separators).withArrayIndenter(indenter).withObjectIndenter(indenter);
        try {
            return new ObjectMapper().writer(printer).writeValueAsString(tree);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of maps, lists and scalars is JSON", e);
        }
    }
}
