// What the loops of lavis4j/stored.h are given, for each instruction set.
#ifndef LAVIS4J_SRC_STORED_H_
#define LAVIS4J_SRC_STORED_H_

#include <cstddef>
#include <cstdint>

#include "lavis4j/stored.h"

namespace lavis4j {

// Numbers of a row of x that lie side by side when it is packed: a cache line.
constexpr size_t kStoredLine = 16;

// Outputs first, ..., first + count - 1 of a product.
struct StoredPart {
  const lavis4j_stored_product& product;
  const float* packed;  // x, by the kernel's pack
  size_t first;
  size_t count;
};

// The loops for weights of one type and one instruction set.
template <typename W>
struct StoredKernel {
  size_t (*packed_bytes)(const lavis4j_stored_product& product);
  void (*pack)(const lavis4j_stored_product& product, float* packed);  // to memory of whole lines
  void (*run)(const W* weights, const StoredPart& part);
};

extern const StoredKernel<uint16_t> kPlainBf16;
extern const StoredKernel<int8_t> kPlainInt8;
#if defined(__x86_64__)
extern const StoredKernel<uint16_t> kAvx2Bf16;  // needs FMA, too
extern const StoredKernel<int8_t> kAvx2Int8;
extern const StoredKernel<uint16_t> kAvx512Bf16;  // needs AVX-512 F
extern const StoredKernel<int8_t> kAvx512Int8;
extern const StoredKernel<int8_t> kVnniInt8;  // needs AVX-512 F, BW and VNNI
#endif

// What an output becomes: y[output] of a row from the sum of its products.
inline void StoredFinish(const lavis4j_stored_product& product, size_t output, float sum,
                         float* y) {
  const float scaled = product.scale == nullptr ? sum : product.scale[output] * sum;
  y[output] = product.bias == nullptr ? scaled : scaled + product.bias[output];
}

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_STORED_H_
