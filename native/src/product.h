// Matrix products as values that can be cut into independent blocks.
#ifndef LAVIS4J_SRC_PRODUCT_H_
#define LAVIS4J_SRC_PRODUCT_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace lavis4j {

// Indices begin, begin + 1, ..., begin + size - 1.
struct Range {
  int begin;
  int size;
};

// Part number index of length indices in parts parts: as equal as multiples of 16, the width of the
// widest kernels, allow. Where there are fewer multiples than parts, some parts are empty.
inline Range Part(int length, int parts, int index) {
  constexpr int64_t kGrain = 16;
  const int64_t grains = (length + kGrain - 1) / kGrain;
  const int64_t begin = grains * index / parts * kGrain;
  const int64_t end = std::min<int64_t>(grains * (index + 1) / parts * kGrain, length);
  return {static_cast<int>(begin), static_cast<int>(end - begin)};
}

// The address of element (or row, or column) index with the given distance between neighbours.
// Computed in 64 bits: a matrix of 50,000 by 50,000 has more elements than an int can count.
template <typename T>
T* Advance(T* base, int index, int stride) {
  return base + static_cast<ptrdiff_t>(index) * stride;
}

inline bool IsNo(char trans) { return trans == 'n' || trans == 'N'; }

// For real numbers the conjugate transpose is the transpose.
inline bool IsYes(char trans) {
  return trans == 't' || trans == 'T' || trans == 'c' || trans == 'C';
}

inline bool IsTrans(char trans) { return IsNo(trans) || IsYes(trans); }

// y = alpha * op(A) x + beta * y, where A is (rows, cols) by columns and op(A) is A or its
// transpose.
template <typename T>
struct Gemv {
  bool transposed;
  int rows;
  int cols;
  T alpha;
  const T* a;
  int lda;
  const T* x;
  int incx;
  T beta;
  T* y;
  int incy;

  int outputs() const { return transposed ? cols : rows; }

  double work() const { return static_cast<double>(rows) * cols; }

  // Strides may be negative in BLAS; those are left to the backend.
  bool divisible() const { return rows > 0 && cols > 0 && lda >= rows && incx > 0 && incy > 0; }

  Gemv Block(Range part) const {
    Gemv block = *this;
    (transposed ? block.cols : block.rows) = part.size;
    block.a = Advance(a, part.begin, transposed ? lda : 1);
    block.y = Advance(y, part.begin, incy);
    return block;
  }
};

enum class Activation { kNone, kRelu, kGelu, kQuickGelu };

// What a dense layer does beside its product: C = activation(op(A) op(B) + bias) + residual.
template <typename T>
struct Layer {
  const T* bias = nullptr;      // (m), the same in all columns; null for none
  const T* residual = nullptr;  // (m, n), by columns; null for none
  int ldr = 0;
  Activation activation = Activation::kNone;

  Layer Block(int row, int col) const {
    return {bias == nullptr ? nullptr : bias + row,
            residual == nullptr ? nullptr : Advance(residual, col, ldr) + row, ldr, activation};
  }

  // Of a part of the sums: the first begins with the bias, the last does the rest.
  Layer Part(bool first, bool last) const {
    return {first ? bias : nullptr, last ? residual : nullptr, ldr,
            last ? activation : Activation::kNone};
  }
};

// C = alpha * op(A) op(B) + beta * C, where op(A) is (m, k), op(B) is (k, n), C is (m, n), all by
// columns. With a bias, beta is 1, and the C that is added to is the bias: see layer.h.
template <typename T>
struct Gemm {
  bool transposed_a;
  bool transposed_b;
  int m;
  int n;
  int k;
  T alpha;
  const T* a;
  int lda;
  const T* b;
  int ldb;
  T beta;
  T* c;
  int ldc;
  Layer<T> layer = {};

  double work() const { return static_cast<double>(m) * n * k; }

  // Empty and illegal products are left to the backend, which knows what to do and what to say, and
  // so are those that read neither A nor B.
  bool divisible() const {
    return m > 0 && n > 0 && k > 0 && alpha != 0 && lda >= (transposed_a ? k : m) &&
           ldb >= (transposed_b ? n : k) && ldc >= m;
  }

  Gemm Block(Range rows, Range cols) const {
    Gemm block = *this;
    block.m = rows.size;
    block.n = cols.size;
    block.a = Advance(a, rows.begin, transposed_a ? lda : 1);
    block.b = Advance(b, cols.begin, transposed_b ? 1 : ldb);
    block.c = Advance(c, cols.begin, ldc) + rows.begin;
    block.layer = layer.Block(rows.begin, cols.begin);
    return block;
  }

  bool is_vector() const { return m == 1 || n == 1; }

  // The same product as a matrix times a vector: with n = 1, c = op(A) b; with m = 1, c' = op(B)'
  // a'.
  Gemv<T> AsGemv() const {
    if (n == 1) {
      return {transposed_a,
              transposed_a ? k : m,
              transposed_a ? m : k,
              alpha,
              a,
              lda,
              b,
              transposed_b ? ldb : 1,
              beta,
              c,
              1};
    }
    return {!transposed_b,
            transposed_b ? n : k,
            transposed_b ? k : n,
            alpha,
            b,
            ldb,
            a,
            transposed_a ? 1 : lda,
            beta,
            c,
            ldc};
  }
};

// How many parts to make of the rows and of the columns of a product.
struct Grid {
  int rows;
  int cols;
};

// Of all ways to write parts as rows * cols, the one whose blocks of C have the shortest edges:
// every block reads a strip of A and a strip of B as long as its edges.
inline Grid ChooseGrid(int m, int n, int parts) {
  Grid best{1, parts};
  double shortest = -1;
  for (int rows = 1; rows <= parts; rows++) {
    if (parts % rows == 0) {
      const int cols = parts / rows;
      const double edges = static_cast<double>(m) / rows + static_cast<double>(n) / cols;
      if (shortest < 0 || edges < shortest) {
        best = {rows, cols};
        shortest = edges;
      }
    }
  }
  return best;
}

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_PRODUCT_H_
