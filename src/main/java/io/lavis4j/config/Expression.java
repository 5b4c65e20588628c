package io.lavis4j.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What stands in a text with interpolations, and in the arguments of a resolver. */
sealed interface Expression {

    /** A text, number, truth value or null as written. */
    record Constant(@Nullable Object value) implements Expression {}

    /** Parts of one text. */
    record Joined(List<Expression> parts) implements Expression {

        public Joined {
            parts = List.copyOf(parts);
        }
    }

    /**
     * The value of a key: {@code ${model.arch}}.
     *
     * @param levels dots before the first key: 0 counts from the root, 1 from the map or list that the text is in
     * @param keys from there down
     */
    record Reference(int levels, List<Expression> keys) implements Expression {

        public Reference {
            keys = List.copyOf(keys);
        }
    }

    /** The result of a resolver: {@code ${oc.env:HOME}}. */
    record Call(String resolver, List<Expression> arguments) implements Expression {

        public Call {
            arguments = List.copyOf(arguments);
        }
    }

    /** A list. */
    record Items(List<Expression> values) implements Expression {

        public Items {
            values = List.copyOf(values);
        }
    }

    /** A map. */
    record Entries(List<Entry> entries) implements Expression {

        public Entries {
            entries = List.copyOf(entries);
        }
    }

    /** A key of a map with its value. */
    record Entry(String key, Expression value) {}
}
