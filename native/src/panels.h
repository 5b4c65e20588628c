// Products of two matrices by AVX-512: both are packed into panels, of which every element of a tile
// of the result reads one number at a time.
#ifndef LAVIS4J_SRC_PANELS_H_
#define LAVIS4J_SRC_PANELS_H_

#include "product.h"

namespace lavis4j {

// Whether this processor can run MultiplyPanels.
bool HasPanels();

// Computes a divisible product on the calling thread; needs AVX-512 F.
void MultiplyPanels(const Gemm<float>& product);

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_PANELS_H_
