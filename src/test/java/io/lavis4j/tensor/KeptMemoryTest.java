package io.lavis4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfEnvironmentVariable;

@DisabledIfEnvironmentVariable(named = "MALLOC_TOP_PAD_", matches = ".*")
@DisabledIfEnvironmentVariable(named = "MALLOC_TRIM_THRESHOLD_", matches = ".*")
@DisabledIfEnvironmentVariable(named = "MALLOC_MMAP_THRESHOLD_", matches = ".*")
@DisabledIfEnvironmentVariable(named = "GLIBC_TUNABLES", matches = ".*(mmap|trim_threshold|top_pad).*")
@DisabledIfEnvironmentVariable(named = "LD_PRELOAD", matches = ".+")
class KeptMemoryTest {

    private static final long SIZE = (3L << 20) + (9 << 12); // bytes, of no other tensor here
    private static final int COUNT = 32;

    @Test
    void theMemoryOfFreedTensorsIsTakenByTheNextOfTheirSize() {
        Libtorch.load();
        try (var scope = new PointerScope()) {
            var tensors = tensors(COUNT);
            var freed = new ArrayList<Long>();
            for (int i = 1; i < COUNT; i += 2) {
                freed.add(address(tensors.get(i)));
                tensors.get(i).close();
            }

            assertThat(tensors(freed.size()))
                    .extracting(KeptMemoryTest::address)
                    .containsExactlyInAnyOrderElementsOf(freed);
        }
    }

    @Test
    void tensorsThatTakeMuchOrLittleLieElsewhere() {
        Libtorch.load();
        try (var scope = new PointerScope()) {
            for (long bytes : new long[] {64, 40L << 20, SIZE}) {
                var tensor = tensor(bytes);
                tensor.fill_(Tensors.scalar(7));
                assertThat(tensor.sum().item_long()).isEqualTo(7 * bytes);
                assertThat(address(tensor) % 64).isZero();
            }
        }
    }

    @Test
    void isPackedOnce() {
        Libtorch.load();

        assertThatThrownBy(KeptMemory::pack).isInstanceOf(IllegalStateException.class);
    }

    private static List<Tensor> tensors(int count) {
        return Stream.generate(() -> tensor(SIZE)).limit(count).toList();
    }

    private static Tensor tensor(long bytes) {
        return torch.empty(new long[] {bytes}, Tensors.options(Devices.cpu(), ScalarType.Byte), null);
    }

    private static long address(Tensor tensor) {
        return tensor.data_ptr().address();
    }
}
