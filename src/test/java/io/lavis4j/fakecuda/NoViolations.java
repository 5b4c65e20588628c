package io.lavis4j.fakecuda;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a test after which there are violations that it did not ask for. */
final class NoViolations implements BeforeEachCallback, AfterEachCallback {

    @Override
    public void beforeEach(ExtensionContext context) {
        FakeCuda.violations();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        assertThat(FakeCuda.violations())
                .as("what a GPU would not allow, in the whole process")
                .isEmpty();
    }
}
