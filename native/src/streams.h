// Products of a large matrix with few columns by AVX-512. The columns stay in the second cache, and
// the large matrix, a layer's weights, comes from memory once: what is multiplied next is fetched
// while the processor multiplies.
#ifndef LAVIS4J_SRC_STREAMS_H_
#define LAVIS4J_SRC_STREAMS_H_

#include "product.h"

namespace lavis4j {

// Whether a divisible product is one of these: B is not transposed and has few columns.
bool IsStream(const Gemm<float>& product);

// Computes such a product on the calling thread; needs AVX-512 F. A number of the result is summed
// in the same order as where the matrices are packed.
void MultiplyStream(const Gemm<float>& product);

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_STREAMS_H_
