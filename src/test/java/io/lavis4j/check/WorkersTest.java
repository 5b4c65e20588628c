package io.lavis4j.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WorkersTest {

    @Test
    void resultsAreInTheOrderOfTheThings() {
        var numbers = IntStream.range(0, 500).boxed().toList();
        try (var workers = new Workers(3)) {
            assertThat(workers.map(numbers, number -> number)).isEqualTo(numbers);
        }
    }

    @Test
    void aFailureIsRethrown() {
        try (var workers = new Workers(2)) {
            assertThatThrownBy(() -> workers.map(List.of(1, 0), number -> 1 / number))
                    .isInstanceOf(ArithmeticException.class);
        }
    }

    @Test
    void anInterruptEndsIt() {
        try (var workers = new Workers(2)) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> workers.map(List.of(1), number -> number))
                    .isInstanceOf(CancellationException.class)
                    .hasMessage("the check was interrupted");
            assertThat(Thread.interrupted()).as("it stays for whoever asks").isTrue();
        }
    }
}
