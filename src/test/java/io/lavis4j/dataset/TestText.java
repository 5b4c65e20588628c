package io.lavis4j.dataset;

import io.lavis4j.processor.TextProcessor;

/** Leaves texts as they are. */
public enum TestText implements TextProcessor {
    AS_IT_IS;

    @Override
    public String process(String text) {
        return text;
    }

    @Override
    public String prompt() {
        return "";
    }
}
