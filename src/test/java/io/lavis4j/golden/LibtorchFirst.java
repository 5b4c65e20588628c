package io.lavis4j.golden;

import io.lavis4j.tensor.Libtorch;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Loads libtorch as a program should, before any class of the bindings is touched. */
public final class LibtorchFirst implements BeforeAllCallback {

    @Override
    public void beforeAll(ExtensionContext context) {
        Libtorch.load();
    }
}
