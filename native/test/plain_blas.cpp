// The BLAS functions as their definition says, without a thought for speed, and the functions that
// the shim asks of OpenBLAS and libtorch.
#include <omp.h>

#include <cstddef>

#include "fortran.h"
#include "lavis4j/blas.h"

namespace {

int blas_threads = 4;

bool IsYes(char trans) { return trans == 't' || trans == 'T' || trans == 'c' || trans == 'C'; }

bool IsLegal(char trans) { return IsYes(trans) || trans == 'n' || trans == 'N'; }

ptrdiff_t At(ptrdiff_t row, ptrdiff_t col, ptrdiff_t ld) { return row + col * ld; }

template <typename T>
void Gemm(char trans_a, char trans_b, int m, int n, int k, T alpha, const T* a, int lda, const T* b,
          int ldb, T beta, T* c, int ldc) {
  if (!IsLegal(trans_a) || !IsLegal(trans_b)) {
    return;
  }
  for (int j = 0; j < n; j++) {
    for (int i = 0; i < m; i++) {
      T sum = 0;
      for (int l = 0; l < k && alpha != 0; l++) {
        sum += a[IsYes(trans_a) ? At(l, i, lda) : At(i, l, lda)] *
               b[IsYes(trans_b) ? At(j, l, ldb) : At(l, j, ldb)];
      }
      T& out = c[At(i, j, ldc)];
      out = beta == T{0} ? alpha * sum : alpha * sum + beta * out;
    }
  }
}

template <typename T>
void Gemv(char trans, int m, int n, T alpha, const T* a, int lda, const T* x, int incx, T beta,
          T* y, int incy) {
  if (!IsLegal(trans) || m == 0 || n == 0) {
    return;
  }
  const int outputs = IsYes(trans) ? n : m;
  const int inputs = IsYes(trans) ? m : n;
  const T* x0 = incx > 0 ? x : x - static_cast<ptrdiff_t>(inputs - 1) * incx;
  T* y0 = incy > 0 ? y : y - static_cast<ptrdiff_t>(outputs - 1) * incy;
  for (int i = 0; i < outputs; i++) {
    T sum = 0;
    for (int l = 0; l < inputs; l++) {
      sum += a[IsYes(trans) ? At(l, i, lda) : At(i, l, lda)] * x0[static_cast<ptrdiff_t>(l) * incx];
    }
    T& out = y0[static_cast<ptrdiff_t>(i) * incy];
    out = beta == T{0} ? alpha * sum : alpha * sum + beta * out;
  }
}

}  // namespace

namespace at {

// libtorch's answer: what was set for the calling thread.
LAVIS4J_EXPORT int get_num_threads();
int get_num_threads() { return omp_get_max_threads(); }

}  // namespace at

extern "C" {

LAVIS4J_EXPORT lavis4j::GemmFunction<float> sgemm_;
LAVIS4J_EXPORT lavis4j::GemmFunction<double> dgemm_;
LAVIS4J_EXPORT lavis4j::GemvFunction<float> sgemv_;
LAVIS4J_EXPORT lavis4j::GemvFunction<double> dgemv_;
LAVIS4J_EXPORT void openblas_set_num_threads(int threads);
LAVIS4J_EXPORT int openblas_get_num_threads();

void sgemm_(const char* trans_a, const char* trans_b, const int* m, const int* n, const int* k,
            const float* alpha, const float* a, const int* lda, const float* b, const int* ldb,
            const float* beta, float* c, const int* ldc) {
  Gemm(*trans_a, *trans_b, *m, *n, *k, *alpha, a, *lda, b, *ldb, *beta, c, *ldc);
}

void dgemm_(const char* trans_a, const char* trans_b, const int* m, const int* n, const int* k,
            const double* alpha, const double* a, const int* lda, const double* b, const int* ldb,
            const double* beta, double* c, const int* ldc) {
  Gemm(*trans_a, *trans_b, *m, *n, *k, *alpha, a, *lda, b, *ldb, *beta, c, *ldc);
}

void sgemv_(const char* trans, const int* m, const int* n, const float* alpha, const float* a,
            const int* lda, const float* x, const int* incx, const float* beta, float* y,
            const int* incy) {
  Gemv(*trans, *m, *n, *alpha, a, *lda, x, *incx, *beta, y, *incy);
}

void dgemv_(const char* trans, const int* m, const int* n, const double* alpha, const double* a,
            const int* lda, const double* x, const int* incx, const double* beta, double* y,
            const int* incy) {
  Gemv(*trans, *m, *n, *alpha, a, *lda, x, *incx, *beta, y, *incy);
}

void openblas_set_num_threads(int threads) { blas_threads = threads; }

int openblas_get_num_threads() { return blas_threads; }

}  // extern "C"
