package io.lavis4j.distributed;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.golden.LibtorchFirst;
import java.time.Duration;
import java.util.ArrayList;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.PrefixStore;
import org.bytedeco.pytorch.Store;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LibtorchFirst.class)
class MeetingPointTest {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    @Test
    void aScopeDoesNotFreeTheStoreThatABackendTook() {
        var rendezvous = new Rendezvous(0, 1, 0, "127.0.0.1", GroupProcesses.freePort(), true);
        try (var point = MeetingPoint.open(rendezvous, LIMIT)) {
            var taken = new ArrayList<Store>();
            PrefixStore backend;
            try (var scope = new PointerScope()) {
                backend = MeetingPoint.backend(rendezvous, LIMIT, "cpu", store -> {
                    taken.add(store);
                    return new PrefixStore("backend", store).retainReference();
                });
            }
            assertThat(taken.get(0).isNull()).isFalse();
            try (backend) {
                backend.set("name", "text");
                assertThat(backend.get_to_str("name")).isEqualTo("text");
            }
        }
    }
}
