package io.lavis4j.tensor;

import org.bytedeco.pytorch.Tensor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pages of mapped files that were read and are not needed any more, by the library {@code lavis4j_memory}
 * ({@code native/README.md}). They count as this process's memory as long as any tensor of the file is there.
 */
public final class MappedPages {

    private static final Logger LOG = LoggerFactory.getLogger(MappedPages.class);

    private MappedPages() {}

    /** Whether the library is in the process; asked once. */
    private static final class Native {

        static final boolean LOADED = load();

        private static boolean load() {
            try {
                KeptMemory.load();
                return true;
            } catch (UnsatisfiedLinkError e) {
                LOG.debug("Pages of weights that were copied stay in memory: {}", e.getMessage());
                return false;
            }
        }
    }

    /**
     * Gives back the memory of a tensor's values that a file has, too. The tensor keeps its values: what is read later
     * is read from the file again, and what was written since the file was mapped stays in memory, as does a tensor
     * that is of no file. Nobody may write to it meanwhile.
     *
     * @param tensor any; one that is contiguous and on a CPU can be of a file
     * @return bytes given back; 0 without the library, and where the system does not say which pages are a file's
     */
    public static long giveBack(Tensor tensor) {
        if (!tensor.is_cpu() || !tensor.is_contiguous() || tensor.numel() == 0 || !Native.LOADED) {
            return 0;
        }
        return giveBack(tensor.data_ptr().address(), tensor.nbytes());
    }

    private static native long giveBack(long begin, long bytes);
}
