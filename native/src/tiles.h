// Products of two matrices by AMX, whose tiles multiply bfloat16 and add in float. A float is the sum
// of three bfloat16, and of the nine products of two such sums the six greatest are computed: what is
// left out is below 2^-26 of the product, less than float's own rounding.
#ifndef LAVIS4J_SRC_TILES_H_
#define LAVIS4J_SRC_TILES_H_

#include "product.h"

namespace lavis4j {

// Whether this processor has the tiles and the system lets this process use them.
bool HasTiles();

// Computes a divisible product on the calling thread; needs HasTiles. Numbers below 2^-110 lose their
// last digits; blocks with infinities or NaN are computed by MultiplyPanels.
void MultiplyTiles(const Gemm<float>& product);

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_TILES_H_
