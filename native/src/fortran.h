// The Fortran calling convention of the BLAS functions that are interposed: everything by address,
// 32-bit integers, matrices stored by columns.
#ifndef LAVIS4J_SRC_FORTRAN_H_
#define LAVIS4J_SRC_FORTRAN_H_

namespace lavis4j {

template <typename T>
using GemmFunction = void(const char* trans_a, const char* trans_b, const int* m, const int* n,
                          const int* k, const T* alpha, const T* a, const int* lda, const T* b,
                          const int* ldb, const T* beta, T* c, const int* ldc);

template <typename T>
using GemvFunction = void(const char* trans, const int* m, const int* n, const T* alpha, const T* a,
                          const int* lda, const T* x, const int* incx, const T* beta, T* y,
                          const int* incy);

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_FORTRAN_H_
