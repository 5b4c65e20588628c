package io.lavis4j.tokenize;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The special tokens of a tokenizer.
 *
 * @param roles the token of each role that there is
 * @param others tokens without a role that count as special
 */
record SpecialTokens(Map<SpecialToken, NoSplit> roles, List<NoSplit> others) {

    private static final String OTHERS = "additional_special_tokens";

    SpecialTokens {
        roles = Map.copyOf(roles);
        others = List.copyOf(others);
    }

    /**
     * Reads them as the slow tokenizers do: {@code special_tokens_map.json} overrides {@code tokenizer_config.json},
     * which overrides the scheme's; a bare token of the first takes the white space around it.
     *
     * @param added tokens that override all these
     */
    static SpecialTokens read(HubFolder folder, ObjectNode config, Scheme scheme, Map<SpecialToken, String> added) {
        ObjectNode map = folder.objectIfPresent("special_tokens_map.json");
        var roles = new EnumMap<SpecialToken, NoSplit>(SpecialToken.class);
        scheme.defaultTokens().forEach((role, token) -> roles.put(role, new NoSplit(token, false, false)));
        for (SpecialToken role : SpecialToken.values()) {
            if (config.hasNonNull(role.key())) {
                roles.put(role, NoSplit.of(config.get(role.key()), false));
            }
            if (map.hasNonNull(role.key())) {
                roles.put(role, NoSplit.of(map.get(role.key()), true));
            }
        }
        added.forEach((role, token) -> roles.put(role, new NoSplit(token, true, true)));

        var others = new ArrayList<NoSplit>();
        for (JsonNode other : (map.has(OTHERS) ? map : config).path(OTHERS)) {
            others.add(NoSplit.of(other, true));
        }
        return new SpecialTokens(roles, others);
    }
}
