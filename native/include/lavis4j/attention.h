/* Attention (arXiv:1706.03762, section 3.2.1) with dropout of its weights, forward and backward.
 *
 * libtorch has no kernel for it on CPU. From its single operations it takes a product of each head
 * alone, too small for two threads, and each operation between them passes over all weights. */
#ifndef LAVIS4J_ATTENTION_H_
#define LAVIS4J_ATTENTION_H_

#include <stdint.h>

#if defined(__GNUC__)
#define LAVIS4J_EXPORT __attribute__((visibility("default")))
#else
#define LAVIS4J_EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* (B, H, R, d): the numbers of a row lie side by side; batches, heads and rows are so many numbers
 * apart. */
typedef struct {
  float* data;
  int64_t batch;
  int64_t head;
  int64_t row;
} lavis4j_heads;

/* Added to the products: (B, H, N, M), with distances in numbers, 0 where one number is for all. */
typedef struct {
  const float* data; /* null: nothing */
  int64_t batch;
  int64_t head;
  int64_t row;
  int64_t column;
} lavis4j_attention_mask;

/* weights = softmax(scale q k^T + mask), y = (factors weights) v, for each of B batches and H
 * heads. The order of all sums depends on N, M and d alone. */
typedef struct {
  int64_t batches; /* B */
  int64_t heads;   /* H */
  int64_t queries; /* N */
  int64_t keys;    /* M */
  int64_t width;   /* d */
  float scale;
  float kept; /* the factor that is not 0 */
  lavis4j_heads q;
  lavis4j_heads k;
  lavis4j_heads v;
  lavis4j_attention_mask mask;
  /* (B, H, N, M) without gaps. Forward takes dropout's factors, each 0 or kept, and leaves in their
   * place what backward takes: weights in an order of their own, the sign set where the factor is
   * 0. Null: no dropout, and no backward. */
  float* weights;
  int32_t threads; /* of libtorch's team, at most; at least 1 */
} lavis4j_attention;

/* Writes y, (B, H, N, d). The caller owns every buffer; nothing is kept after the call returns. */
LAVIS4J_EXPORT void lavis4j_attention_forward(const lavis4j_attention* attention, lavis4j_heads y);

/* Writes the gradients of q, k and v from that of y; those whose data is null are left out. Weights
 * stay as they are. */
LAVIS4J_EXPORT void lavis4j_attention_backward(const lavis4j_attention* attention, lavis4j_heads dy,
                                               lavis4j_heads dq, lavis4j_heads dk,
                                               lavis4j_heads dv);

#ifdef __cplusplus
}
#endif

#endif /* LAVIS4J_ATTENTION_H_ */
