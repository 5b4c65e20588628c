// What the loops of lavis4j/stored.h are given, for each instruction set.
#ifndef LAVIS4J_SRC_STORED_H_
#define LAVIS4J_SRC_STORED_H_

#include <cstddef>
#include <cstdint>

#include "lavis4j/stored.h"

namespace lavis4j {

// Numbers of a row of x that lie side by side when it is packed: a cache line.
constexpr size_t kStoredLine = 16;

inline size_t StoredLines(size_t depth) { return (depth + kStoredLine - 1) / kStoredLine; }

// Outputs first, ..., first + count - 1 of a product.
struct StoredPart {
  const lavis4j_stored_product& product;
  const float* packed;  // x, see PackStored
  size_t first;
  size_t count;
};

// The loops for one instruction set, which multiply four rows of weights with at most tile_rows of x
// at a time.
struct StoredKernel {
  size_t tile_rows;
  void (*bf16)(const uint16_t* weights, const StoredPart& part);
  void (*int8)(const int8_t* weights, const StoredPart& part);

  void Run(const uint16_t* weights, const StoredPart& part) const { bf16(weights, part); }
  void Run(const int8_t* weights, const StoredPart& part) const { int8(weights, part); }
};

extern const StoredKernel kPlainStored;
#if defined(__x86_64__)
extern const StoredKernel kAvx2Stored;    // needs FMA, too
extern const StoredKernel kAvx512Stored;  // needs AVX-512 F
#endif

// Copies x: tiles of at most tile_rows rows, as equal as can be, one after the other; in a tile the
// first kStoredLine numbers of all its rows, then the next, and so on. Zeros fill the last line of a
// row.
void PackStored(const lavis4j_stored_product& product, size_t tile_rows, float* packed);

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_STORED_H_
