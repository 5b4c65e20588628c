/* Products of few rows with weights that are stored in fewer bits than they are multiplied in.
 *
 * A layer's product with few rows takes as long as reading its weights. Here they are read once, as
 * they lie, and widened to float in registers: with half the bytes it takes half the time. */
#ifndef LAVIS4J_STORED_H_
#define LAVIS4J_STORED_H_

#include <stdint.h>

#if defined(__GNUC__)
#define LAVIS4J_EXPORT __attribute__((visibility("default")))
#else
#define LAVIS4J_EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The most rows of a product. */
#define LAVIS4J_STORED_MOST_ROWS 64

/* y[r][i] = scale[i] * (weights[i] . x[r]) + bias[i] for i < outputs and r < rows, where weights[i]
 * and x[r] are rows of depth numbers that lie without gaps, as those of y do. The order of a sum
 * depends on depth alone, so a row's results are the same in whatever company it comes. */
typedef struct {
  int64_t rows;
  int64_t outputs;
  int64_t depth;
  const float* x;
  const float* scale; /* null: 1 */
  const float* bias;  /* null: 0 */
  float* y;
  int32_t threads; /* of libtorch's team, at most; at least 1 */
} lavis4j_stored_product;

/* With weights in bfloat16, the upper halves of floats, or in whole numbers. The caller owns every
 * buffer; nothing is kept after the call returns. */
LAVIS4J_EXPORT void lavis4j_stored_bf16(const uint16_t* weights,
                                        const lavis4j_stored_product* product);
LAVIS4J_EXPORT void lavis4j_stored_int8(const int8_t* weights,
                                        const lavis4j_stored_product* product);

#ifdef __cplusplus
}
#endif

#endif /* LAVIS4J_STORED_H_ */
