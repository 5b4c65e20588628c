package io.lavis4j.tokenize;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The special tokens of a tokenizer.
 *
 * @param roles the token of each role that there is, in the order of the roles
 * @param others tokens without a role that count as special
 * @param former tokens that have lost their role to an added one: still found in text, but not special
 */
record SpecialTokens(Map<SpecialToken, NoSplit> roles, List<NoSplit> others, List<NoSplit> former) {

    private static final List<String> OTHERS = List.of("additional_special_tokens", "extra_special_tokens");

    SpecialTokens {
        roles = Collections.unmodifiableMap(new TreeMap<>(roles));
        others = List.copyOf(others);
        former = List.copyOf(former);
    }

    /**
     * Reads them: {@code special_tokens_map.json} overrides {@code tokenizer_config.json}, which overrides the
     * scheme's; in slow classes a bare token of the first takes the white space around it.
     *
     * @param added tokens that override all these
     */
    static SpecialTokens read(HubFolder folder, ObjectNode config, Scheme scheme, Map<SpecialToken, String> added) {
        boolean takesSpace = !scheme.fast();
        ObjectNode map = folder.objectIfPresent("special_tokens_map.json");
        var roles = new EnumMap<SpecialToken, NoSplit>(SpecialToken.class);
        scheme.defaultTokens().forEach((role, token) -> roles.put(role, new NoSplit(token, false, false)));
        for (SpecialToken role : SpecialToken.values()) {
            if (config.hasNonNull(role.key())) {
                roles.put(role, NoSplit.of(config.get(role.key()), false));
            }
            if (map.hasNonNull(role.key())) {
                roles.put(role, NoSplit.of(map.get(role.key()), takesSpace));
            }
        }
        var former = new ArrayList<NoSplit>();
        added.forEach((role, token) -> {
            NoSplit before = roles.put(role, new NoSplit(token, takesSpace, takesSpace));
            if (before != null) {
                former.add(new NoSplit(before.content(), takesSpace, takesSpace));
            }
        });

        var others = new ArrayList<NoSplit>();
        JsonNode listed = Stream.of(map, config)
                .flatMap(file -> OTHERS.stream().map(file::path))
                .filter(JsonNode::isArray)
                .findFirst()
                .orElse(MissingNode.getInstance());
        listed.forEach(other -> others.add(NoSplit.of(other, takesSpace)));
        if (!listed.isArray()) {
            scheme.defaultOthers().forEach(other -> others.add(new NoSplit(other, takesSpace, takesSpace)));
        }
        return new SpecialTokens(roles, others, former);
    }
}
