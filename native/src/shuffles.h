// Transposes of vectors of sixteen 32-bit numbers, and the shuffles of which they are made. Only for
// files compiled for AVX-512 F.
#ifndef LAVIS4J_SRC_SHUFFLES_H_
#define LAVIS4J_SRC_SHUFFLES_H_

#include <algorithm>
#include <cstddef>

namespace lavis4j {

// a0 b0 a1 b1
template <typename V>
V LowNumbers(V a, V b) {
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
}

// a2 b2 a3 b3
template <typename V>
V HighNumbers(V a, V b) {
  return __builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
}

// a0 a1 b0 b1
template <typename V>
V LowPairs(V a, V b) {
  return __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
}

// a2 a3 b2 b3
template <typename V>
V HighPairs(V a, V b) {
  return __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
}

// Four vectors, of which a quarter has numbers k of a, b, c and d: columns k, 4 + k, 8 + k, 12 + k.
template <typename V>
void TransposeFours(V a, V b, V c, V d, V (&columns)[4]) {
  columns[0] = LowPairs(LowNumbers(a, b), LowNumbers(c, d));
  columns[1] = HighPairs(LowNumbers(a, b), LowNumbers(c, d));
  columns[2] = LowPairs(HighNumbers(a, b), HighNumbers(c, d));
  columns[3] = HighPairs(HighNumbers(a, b), HighNumbers(c, d));
}

// Quarters 0 and 2 of a, then of b.
template <typename V>
V EvenFours(V a, V b) {
  return __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
}

// Quarters 1 and 3 of a, then of b.
template <typename V>
V OddFours(V a, V b) {
  return __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
}

// Sixteen rows become their columns.
template <typename V>
void Transpose(V (&rows)[16]) {
  V fours[16];  // fours[4 g + c]: columns c, 4 + c, 8 + c, 12 + c of rows 4 g, ..., 4 g + 3
  for (size_t i = 0; i < 16; i += 4) {
    V columns[4];
    TransposeFours(rows[i], rows[i + 1], rows[i + 2], rows[i + 3], columns);
    std::copy_n(columns, 4, fours + i);
  }
  for (size_t c = 0; c < 4; c++) {
    const V even0 = EvenFours(fours[c], fours[4 + c]);
    const V even1 = EvenFours(fours[8 + c], fours[12 + c]);
    const V odd0 = OddFours(fours[c], fours[4 + c]);
    const V odd1 = OddFours(fours[8 + c], fours[12 + c]);
    rows[c] = EvenFours(even0, even1);
    rows[4 + c] = EvenFours(odd0, odd1);
    rows[8 + c] = OddFours(even0, even1);
    rows[12 + c] = OddFours(odd0, odd1);
  }
}

// Eight rows become eight pairs of their columns: c in the lower half of a vector, 8 + c above it.
template <typename V>
void Transpose(V (&rows)[8]) {
  V upper[4];
  V lower[4];
  TransposeFours(rows[0], rows[1], rows[2], rows[3], upper);
  TransposeFours(rows[4], rows[5], rows[6], rows[7], lower);
  for (size_t c = 0; c < 4; c++) {
    rows[c] = __builtin_shufflevector(upper[c], lower[c], 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11,
                                      24, 25, 26, 27);
    rows[4 + c] = __builtin_shufflevector(upper[c], lower[c], 4, 5, 6, 7, 20, 21, 22, 23, 12, 13,
                                          14, 15, 28, 29, 30, 31);
  }
}

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_SHUFFLES_H_
