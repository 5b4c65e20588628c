// Sums of a vector's numbers, in one order everywhere. Only for files compiled for AVX-512 F.
#ifndef LAVIS4J_SRC_SUMS_AVX512_H_
#define LAVIS4J_SRC_SUMS_AVX512_H_

#include "lanes.h"

namespace lavis4j {

// Static, as each file is compiled for its own instructions.
static inline __m256 AddHalves(__m512 a) { return _mm256_add_ps(LowHalf(a), HighHalf(a)); }

// The sums of a, b, c and d.
static inline __m128 Sum4(__m512 a, __m512 b, __m512 c, __m512 d) {
  const __m256 pairs = _mm256_hadd_ps(_mm256_hadd_ps(AddHalves(a), AddHalves(b)),
                                      _mm256_hadd_ps(AddHalves(c), AddHalves(d)));
  return _mm_add_ps(_mm256_castps256_ps128(pairs), _mm256_extractf128_ps(pairs, 1));
}

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_SUMS_AVX512_H_
