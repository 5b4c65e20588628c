package io.lavis4j.fakecuda;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests that run in the profile {@code fake-cuda} alone, and fail if one uses the runtime as a GPU would not allow. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("fake-cuda")
@ExtendWith(NoViolations.class)
public @interface OnFakeCuda {}
