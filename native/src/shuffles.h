// The shuffles of which transposes of vectors of sixteen 32-bit numbers are made: each works in the
// quarters of two vectors. Only for files compiled for AVX-512 F.
#ifndef LAVIS4J_SRC_SHUFFLES_H_
#define LAVIS4J_SRC_SHUFFLES_H_

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

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_SHUFFLES_H_
