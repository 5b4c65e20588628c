// Products through the library, compared with sums in double.
#ifndef LAVIS4J_TEST_CHECKED_PRODUCT_H_
#define LAVIS4J_TEST_CHECKED_PRODUCT_H_

#include <gtest/gtest.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "fortran.h"
#include "lavis4j/blas.h"

extern "C" {
lavis4j::GemmFunction<float> sgemm_;
lavis4j::GemmFunction<double> dgemm_;
lavis4j::GemvFunction<float> sgemv_;
lavis4j::GemvFunction<double> dgemv_;
}

namespace lavis4j {

using Precisions = testing::Types<float, double>;

inline lavis4j_blas_counts Counts() {
  lavis4j_blas_counts counts;
  EXPECT_EQ(lavis4j_blas_read_counts(&counts), LAVIS4J_BLAS_OK);
  return counts;
}

// Threads that a product may use on the calling thread, while in scope.
class Threads {
 public:
  explicit Threads(int threads) : before_(omp_get_max_threads()) { omp_set_num_threads(threads); }
  ~Threads() { omp_set_num_threads(before_); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

 private:
  int before_;
};

inline void CallGemm(char ta, char tb, int m, int n, int k, float alpha, const float* a, int lda,
                     const float* b, int ldb, float beta, float* c, int ldc) {
  sgemm_(&ta, &tb, &m, &n, &k, &alpha, a, &lda, b, &ldb, &beta, c, &ldc);
}

inline void CallGemm(char ta, char tb, int m, int n, int k, double alpha, const double* a, int lda,
                     const double* b, int ldb, double beta, double* c, int ldc) {
  dgemm_(&ta, &tb, &m, &n, &k, &alpha, a, &lda, b, &ldb, &beta, c, &ldc);
}

inline void CallGemv(char t, int m, int n, float alpha, const float* a, int lda, const float* x,
                     int incx, float beta, float* y, int incy) {
  sgemv_(&t, &m, &n, &alpha, a, &lda, x, &incx, &beta, y, &incy);
}

inline void CallGemv(char t, int m, int n, double alpha, const double* a, int lda, const double* x,
                     int incx, double beta, double* y, int incy) {
  dgemv_(&t, &m, &n, &alpha, a, &lda, x, &incx, &beta, y, &incy);
}

inline bool IsNo(char trans) { return trans == 'n' || trans == 'N'; }

inline size_t At(int row, int col, int ld) {
  return static_cast<size_t>(row) + static_cast<size_t>(col) * static_cast<size_t>(ld);
}

template <typename T>
std::vector<T> Normal(size_t size, std::mt19937& random) {
  std::normal_distribution<double> normal;
  std::vector<T> values(size);
  for (T& value : values) {
    value = static_cast<T>(normal(random));
  }
  return values;
}

struct Shape {
  char ta;
  char tb;
  int m;
  int n;
  int k;
  double alpha;
  double beta;
  int padding;  // of each leading dimension beyond what is needed
};

inline std::string Describe(const Shape& s) {
  std::ostringstream text;
  text << s.ta << s.tb << " m=" << s.m << " n=" << s.n << " k=" << s.k << " alpha=" << s.alpha
       << " beta=" << s.beta << " padding=" << s.padding;
  return text.str();
}

// Computes the product and compares every element with the sum in double. The bound is the one of
// a sum of k products in any order: k + 4 machine epsilons of the sum of the absolute values.
// Where beta is zero C starts as NaN; the padding of C must keep its value.
template <typename T>
void Check(const Shape& s, std::mt19937& random) {
  constexpr T kPadding = -77;
  constexpr double kEpsilon = static_cast<double>(std::numeric_limits<T>::epsilon());
  const int lda = std::max(1, IsNo(s.ta) ? s.m : s.k) + s.padding;
  const int ldb = std::max(1, IsNo(s.tb) ? s.k : s.n) + s.padding;
  const int ldc = std::max(1, s.m) + s.padding;
  const auto a = Normal<T>(At(0, IsNo(s.ta) ? s.k : s.m, lda), random);
  const auto b = Normal<T>(At(0, IsNo(s.tb) ? s.n : s.k, ldb), random);
  auto c = Normal<T>(At(0, s.n, ldc), random);
  for (int j = 0; j < s.n; j++) {
    for (int i = 0; i < ldc; i++) {
      if (i >= s.m) {
        c[At(i, j, ldc)] = kPadding;
      } else if (s.beta == 0) {
        c[At(i, j, ldc)] = std::numeric_limits<T>::quiet_NaN();
      }
    }
  }
  const auto before = c;
  const T alpha = static_cast<T>(s.alpha);
  const T beta = static_cast<T>(s.beta);

  CallGemm(s.ta, s.tb, s.m, s.n, s.k, alpha, a.data(), lda, b.data(), ldb, beta, c.data(), ldc);

  for (int j = 0; j < s.n; j++) {
    for (int i = 0; i < s.m; i++) {
      double sum = 0;
      double size = 0;
      for (int l = 0; l < s.k; l++) {
        const double product = static_cast<double>(a[IsNo(s.ta) ? At(i, l, lda) : At(l, i, lda)]) *
                               static_cast<double>(b[IsNo(s.tb) ? At(l, j, ldb) : At(j, l, ldb)]);
        sum += product;
        size += std::abs(product);
      }
      const double old = s.beta == 0 ? 0 : static_cast<double>(before[At(i, j, ldc)]) * s.beta;
      const double expected = s.alpha * sum + old;
      const double bound = (s.k + 4) * kEpsilon * (std::abs(s.alpha) * size + std::abs(old));
      ASSERT_NEAR(static_cast<double>(c[At(i, j, ldc)]), expected, bound)
          << "at " << i << ", " << j << ": " << Describe(s);
    }
    for (int i = s.m; i < ldc; i++) {
      ASSERT_EQ(c[At(i, j, ldc)], kPadding)
          << "padding at " << i << ", " << j << ": " << Describe(s);
    }
  }
}

}  // namespace lavis4j

#endif  // LAVIS4J_TEST_CHECKED_PRODUCT_H_
