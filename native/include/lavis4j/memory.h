/* How the C library keeps the memory of tensors.
 *
 * By default glibc asks the kernel for every block above 128 KiB and gives it back when it is freed.
 * A tensor's memory is then new to the process each time: the kernel clears it, page by page of 4
 * KiB, which takes as long as a layer's arithmetic. Kept memory is written again at once. */
#ifndef LAVIS4J_MEMORY_H_
#define LAVIS4J_MEMORY_H_

#include <stdint.h>

#if defined(__GNUC__)
#define LAVIS4J_EXPORT __attribute__((visibility("default")))
#else
#define LAVIS4J_EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Freed blocks of up to 32 MiB are kept for reuse. To be called before libtorch allocates.
 *
 * What the environment says stays: nothing is changed for MALLOC_MMAP_THRESHOLD_,
 * MALLOC_TRIM_THRESHOLD_, MALLOC_TOP_PAD_, and the same in GLIBC_TUNABLES. Returns 1 if freed
 * blocks are kept by this call, 0 if the environment has decided, -1 if the C library refuses. */
LAVIS4J_EXPORT int32_t lavis4j_memory_keep(void);

/* Blocks of 256 KiB to 32 MiB that a library in the process takes by posix_memalign() and frees lie
 * side by side from now on, in one range of addresses, and a freed one is taken again by one of its
 * size. glibc's posix_memalign() looks for more than the size, so that blocks of one size that come
 * and go leave gaps which none of them fills. Large pages are asked for. To be called before other
 * threads use the library.
 *
 * library: the name of its file, without folders: libc10.so has libtorch's memory of the CPU.
 *
 * Returns 1 if this is so from this call on, 0 if the environment has decided, as above or by an
 * allocator other than the C library's, -1 if the system gives no addresses, or the library is not
 * there or has no such calls: then the C library has all blocks, as before. To be called once. */
LAVIS4J_EXPORT int32_t lavis4j_memory_pack(const char* library);

/* Gives back the pages inside a range that are a mapped file's and were not written since: the file
 * has what they hold, and whoever reads them has them read again. Pages that were written, those of
 * no file, and those that lie in the range in part stay as they are, so any range that is mapped may
 * be given. Nobody may write to the range meanwhile.
 *
 * Returns the bytes given back: 0 where the kernel does not say which pages are a file's. */
LAVIS4J_EXPORT int64_t lavis4j_memory_give_back(const void* begin, int64_t bytes);

#ifdef __cplusplus
}
#endif

#endif /* LAVIS4J_MEMORY_H_ */
