package io.lavis4j.download;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CachesTest {

    @Test
    void aTildeIsTheUsersHomeAsOtherProgramsReadIt() {
        var caches = Caches.of(Map.of("HF_HOME", "~/hf", "TORCH_HOME", "~/torch")::get);
        var home = Path.of(System.getProperty("user.home"));
        assertThat(caches.hub()).isEqualTo(home.resolve("hf/hub"));
        assertThat(caches.torchCheckpoints()).isEqualTo(home.resolve("torch/hub/checkpoints"));
    }
}
