// Vectors of sixteen 32-bit numbers. Only for files compiled for AVX-512 F.
#ifndef LAVIS4J_SRC_LANES_H_
#define LAVIS4J_SRC_LANES_H_

#include <immintrin.h>

#include <cstddef>

namespace lavis4j {

constexpr size_t kLanes = 16;

// The first count numbers of a vector; static, as each file is compiled for its own instructions.
static inline __mmask16 First(size_t count) {
  return static_cast<__mmask16>(count >= kLanes ? 0xFFFF : (1U << count) - 1);
}

static inline __m256 LowHalf(__m512 a) {
  return __builtin_shufflevector(a, a, 0, 1, 2, 3, 4, 5, 6, 7);
}

static inline __m256 HighHalf(__m512 a) {
  return __builtin_shufflevector(a, a, 8, 9, 10, 11, 12, 13, 14, 15);
}

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_LANES_H_
