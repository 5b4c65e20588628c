package io.lavis4j.tensor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.cuda.DeviceStats;
import org.bytedeco.pytorch.global.torch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The most memory that this process has used so far. */
public final class PeakMemory {

    private static final Logger LOG = LoggerFactory.getLogger(PeakMemory.class);
    private static final Path STATUS = Path.of("/proc/self/status");

    private PeakMemory() {}

    /** In MiB: on a GPU what its allocator has given out, on a CPU the process's resident memory; 0 where unknown. */
    public static long mebibytes(Device device) {
        if (device.is_cuda()) {
            return Statistics.BOUND ? allocated(device) : 0;
        }
        return status("VmHWM");
    }

    /** What of this process is in memory now, in MiB; 0 where unknown. */
    public static long residentMebibytes() {
        return status("VmRSS");
    }

    private static long allocated(Device device) {
        try (var scope = new PointerScope()) {
            return torch.getDeviceStats(device.index()).allocated_bytes().peak() >> 20;
        }
    }

    /** Of a GPU's allocator: the one thing of CUDA that the bindings' natives for a CPU lack. */
    private static final class Statistics {

        private static final boolean BOUND = bound();

        private static boolean bound() {
            try {
                Loader.load(DeviceStats.class);
                return true;
            } catch (LinkageError | TypeNotPresentException e) {
                LOG.info(
                        "The peak of GPU memory is shown as 0, as the bindings of CUDA cannot be loaded ({}); nothing else"
                                + " needs them. The natives of profile cuda have them.",
                        e.getMessage());
                return false;
            }
        }
    }

    private static long status(String field) {
        try (var lines = Files.lines(STATUS, StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.startsWith(field + ":"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) >> 10)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0; // no such file on other systems
        }
    }
}
