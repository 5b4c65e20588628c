/* What dropout (arXiv:1207.0580) keeps, drawn by all threads at once.
 *
 * libtorch draws on CPU from one Mersenne Twister, a number after the other, on one thread. Here each
 * number is computed from its place alone, so it is the same whatever the number of threads. */
#ifndef LAVIS4J_DROPOUT_H_
#define LAVIS4J_DROPOUT_H_

#include <stdint.h>

#if defined(__GNUC__)
#define LAVIS4J_EXPORT __attribute__((visibility("default")))
#else
#define LAVIS4J_EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef int32_t lavis4j_dropout_status;
#define LAVIS4J_DROPOUT_OK 0
#define LAVIS4J_DROPOUT_BAD_ARGUMENT 1

/* Writes n factors, each 0 with probability p and else 1 / (1 - p):
 *   mask[i] = word(i) < p 2^32 ? 0 : 1 / (1 - p)
 * where word(i) is number (i mod 64) / 16 of what Threefry4x32 of 13 rounds (Salmon et al., SC 2011,
 * "Parallel random numbers: as easy as 1, 2, 3") makes of the counter (i / 64) 16 + i mod 16.
 *
 *   key      of Threefry, its low half first; the counter's low half comes first, too
 *   p        0 to 1
 *   mask     n floats, the caller's
 *   threads  that may work, at least 1 */
LAVIS4J_EXPORT lavis4j_dropout_status lavis4j_dropout_mask(uint64_t key, double p, float* mask,
                                                           int64_t n, int32_t threads);

#ifdef __cplusplus
}
#endif

#endif /* LAVIS4J_DROPOUT_H_ */
