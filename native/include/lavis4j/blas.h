/* Threading for the BLAS under libtorch on CPU.
 *
 * libtorch computes with a team of OpenMP threads, OpenBLAS with threads of its own. Side by side
 * they fight for the cores: at::set_num_threads does not reach OpenBLAS, and a product inside an
 * OpenMP region starts a second team in every thread of the first. This library puts itself between
 * the two. It exports sgemm_, dgemm_, sgemv_ and dgemv_; loaded into the global scope before
 * libtorch's first product, it receives libtorch's calls, cuts a large product into blocks for
 * libtorch's own team, and hands each block to OpenBLAS, which it keeps at one thread.
 *
 * Load order: OpenBLAS and libtorch with its libgomp, this library, lavis4j_blas_init,
 * lavis4j_blas_follow, this library again with RTLD_GLOBAL. With LD_BIND_NOW the linker binds
 * libtorch to OpenBLAS as soon as it loads it, and no product arrives here.
 *
 * Products may come from any number of threads at once. Calls of lavis4j_blas_init, _follow and
 * _release may not overlap one another, and _release not a product either. */
#ifndef LAVIS4J_BLAS_H_
#define LAVIS4J_BLAS_H_

#include <stdint.h>

#if defined(__GNUC__)
#define LAVIS4J_EXPORT __attribute__((visibility("default")))
#else
#define LAVIS4J_EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef int32_t lavis4j_blas_status;

#define LAVIS4J_BLAS_OK 0
#define LAVIS4J_BLAS_NOT_LOADABLE 1 /* the dynamic linker refuses the file */
#define LAVIS4J_BLAS_NO_SYMBOL 2    /* the file lacks a function that is needed */
#define LAVIS4J_BLAS_NOT_READY 3    /* lavis4j_blas_init has not succeeded yet */
#define LAVIS4J_BLAS_BAD_ARGUMENT 4 /* a null pointer, or another library than before */

/* The work of the library since it was loaded. */
typedef struct {
  int64_t products; /* calls of an exported BLAS function */
  int64_t nested;   /* of these, calls from inside an OpenMP region; always computed serially */
  int64_t split;    /* of these, calls that were cut into blocks */
  int64_t blocks;   /* blocks of all calls that were cut */
} lavis4j_blas_counts;

/* Takes the library at openblas_path as the one that computes, and sets it to one thread. Must
 * succeed before the first product arrives. With the same library again it undoes
 * lavis4j_blas_release; another library is a bad argument from then on. */
LAVIS4J_EXPORT lavis4j_blas_status lavis4j_blas_init(const char* openblas_path);

/* Takes the number of threads from at::get_num_threads of the libtorch_cpu at libtorch_path, which
 * knows what at::set_num_threads said on any thread. Without it, omp_get_max_threads decides, which
 * knows only what was said on the calling thread. */
LAVIS4J_EXPORT lavis4j_blas_status lavis4j_blas_follow(const char* libtorch_path);

/* Steps aside: products go to OpenBLAS whole, and OpenBLAS has the threads that it had before. */
LAVIS4J_EXPORT lavis4j_blas_status lavis4j_blas_release(void);

#define LAVIS4J_BLAS_NO_ACTIVATION 0
#define LAVIS4J_BLAS_RELU 1
#define LAVIS4J_BLAS_GELU 2       /* x Phi(x), Phi the normal distribution's */
#define LAVIS4J_BLAS_QUICK_GELU 3 /* x / (1 + exp(-1.702 x)) */

/* A dense layer: y = activation(x weights' + bias) + residual. Matrices are contiguous, row by row;
 * y may not overlap anything that is read. */
typedef struct {
  int64_t rows;          /* R, 1 to 2^31 - 1, as the other sizes */
  int64_t depth;         /* I */
  int64_t outputs;       /* O */
  const float* x;        /* (R, I) */
  const float* weights;  /* (O, I) */
  const float* bias;     /* (O), or null for none */
  const float* residual; /* (R, O), or null for none */
  int32_t activation;    /* one of the above */
  float* y;              /* (R, O), need not be set */
} lavis4j_blas_layer;

/* Computes a layer with the threads of a product. The result is bit for bit what sgemm_ makes of a
 * y that was filled with the bias, ReLU and a sum after it; GELU and QuickGELU are within 4e-8, or
 * 2e-7 of their values, of those in double. A pointer that may not be null and is, a size or an
 * activation out of range, and an overlap are bad arguments; nothing is written then. */
LAVIS4J_EXPORT lavis4j_blas_status lavis4j_blas_dense(const lavis4j_blas_layer* layer);

/* The instructions by which the library computes products itself, chosen for this processor: "AMX",
 * "AVX-512", "AVX2" or, if OpenBLAS computes all of them, "". */
LAVIS4J_EXPORT const char* lavis4j_blas_instructions(void);

/* Writes the counts so far to *counts. */
LAVIS4J_EXPORT lavis4j_blas_status lavis4j_blas_read_counts(lavis4j_blas_counts* counts);

#ifdef __cplusplus
}
#endif

#endif /* LAVIS4J_BLAS_H_ */
