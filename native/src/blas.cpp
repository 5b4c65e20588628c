#include "lavis4j/blas.h"

#include <omp.h>

#include <atomic>
#include <cstdint>
#include <functional>

#include "backend.h"
#include "dots.h"
#include "layer.h"
#include "panels.h"
#include "product.h"
#include "tiles.h"

namespace lavis4j {
namespace {

// Multiply-adds that each thread of a team must have. Waking a thread takes as long as half a million
// of gemm or, since that waits for memory, 65,000 of gemv.
constexpr double kGemmWorkPerThread = 500e3;
constexpr double kGemvWorkPerThread = 100e3;

// Up to so many rows, dots are faster than packing the weights first; above, weights
// are used often enough to pay for it.
constexpr int kFewRows = 40;

// Of fewer numbers than this a dot product takes as long to add its lanes as to multiply.
constexpr int kDeep = 256;
constexpr int kFewShallowRows = 16;

// Dot products, and numbers of each, below which nothing is won.
constexpr int kFewest = 16;

// Columns of the result, and numbers that make an element, from which on packing is faster than the
// backend.
constexpr int kLeastCols = 24;
constexpr int kLeastDepth = 64;

struct alignas(64) Counter {
  std::atomic<int64_t> value{0};
  void Add(int64_t n) { value.fetch_add(n, std::memory_order_relaxed); }
  int64_t Get() const { return value.load(std::memory_order_relaxed); }
};

Counter products;
Counter nested;
Counter split;
Counter blocks;

const char* Letter(bool transposed) { return transposed ? "T" : "N"; }

// A way to compute products of matrices that are large enough to be packed.
struct Packing {
  const char* name;
  int least_rows;
  void (*multiply)(const Gemm<float>&);
};

// The fastest that this processor can run, or null.
const Packing* BestPacking() {
  static const Packing tiles{"AMX", 64, MultiplyTiles};
  static const Packing panels{"AVX-512", 96, MultiplyPanels};
  static const Packing* const best = HasTiles() ? &tiles : HasPanels() ? &panels : nullptr;
  return best;
}

// Computes a product whose matrices are large enough to be packed; false for another.
bool ComputePacked(const Gemm<float>& p) {
  const Packing* const packing = BestPacking();
  if (packing == nullptr || p.m < packing->least_rows || p.n < kLeastCols || p.k < kLeastDepth) {
    return false;
  }
  packing->multiply(p);
  return true;
}

bool ComputePacked(const Gemm<double>& /*product*/) { return false; }

template <typename T>
void ComputeByBackend(const Gemm<T>& p) {
  StartLayer(p);
  BackendFunctions<T>().gemm(Letter(p.transposed_a), Letter(p.transposed_b), &p.m, &p.n, &p.k,
                             &p.alpha, p.a, &p.lda, p.b, &p.ldb, &p.beta, p.c, &p.ldc);
  FinishLayer(p);
}

template <typename T>
void Compute(const Gemm<T>& p) {
  if (!ComputePacked(p)) {
    ComputeByBackend(p);
  }
}

template <typename T>
void Compute(const Gemv<T>& p) {
  BackendFunctions<T>().gemv(Letter(p.transposed), &p.rows, &p.cols, &p.alpha, p.a, &p.lda, p.x,
                             &p.incx, &p.beta, p.y, &p.incy);
}

int Parts(double work, double work_per_thread) {
  const int team = TeamSize();
  const double worthwhile = work / work_per_thread;
  return worthwhile >= team ? team : std::max(1, static_cast<int>(worthwhile));
}

// Calls body(0), ..., body(parts - 1), each in a thread of the team.
template <typename Body>
void InTeam(int parts, const Body& body) {
  split.Add(1);
  blocks.Add(parts);
#pragma omp parallel for num_threads(parts) schedule(static, 1)
  for (int index = 0; index < parts; index++) {
    body(index);
  }
}

template <typename T>
void Run(const Gemv<T>& product) {
  const int parts = Parts(product.work(), kGemvWorkPerThread);
  if (parts == 1) {
    Compute(product);
    return;
  }
  InTeam(parts, [&](int index) {
    const Range part = Part(product.outputs(), parts, index);
    if (part.size > 0) {
      Compute(product.Block(part));
    }
  });
}

// Whether the result is made of dot products of rows as they lie: a layer's of few rows, or the
// weights of attention.
bool IsDots(const Gemm<float>& p) {
  const int few = p.k >= kDeep ? kFewRows : kFewShallowRows;
  return p.transposed_a && !p.transposed_b && p.n <= few && p.m >= kFewest && p.k >= kFewest;
}

bool RunDots(const Gemm<float>& p) {
  const auto size = [](int number) { return static_cast<size_t>(number); };
  const DotsKernel* const kernel = BestDots(size(p.m), size(p.k));
  if (kernel == nullptr || !IsDots(p)) {
    return false;
  }
  const Rows rows{p.b, size(p.ldb), size(p.n), size(p.k)};
  PackedRows x(*kernel, rows);
  const auto outputs = [&](Range part) {
    const Gemm<float> block = p.Block(part, {0, p.n});
    StartLayer(block);
    kernel->run({Advance(p.a, part.begin, p.lda), size(p.lda), size(part.size), rows, x.data(),
                 p.alpha, p.beta, p.c + part.begin, size(p.ldc)});
    FinishLayer(block);
  };
  const int parts = Parts(p.work(), kGemvWorkPerThread);
  if (parts == 1) {
    x.Fill(0, 1);
    outputs({0, p.m});
    return true;
  }
  split.Add(1);
  blocks.Add(parts);
#pragma omp parallel num_threads(parts)
  {
    const int team = omp_get_num_threads();  // perhaps fewer than asked for
    const int index = omp_get_thread_num();
    x.Fill(size(index), size(team));
#pragma omp barrier
    outputs(Part(p.m, team, index));
  }
  return true;
}

bool RunDots(const Gemm<double>& /*product*/) { return false; }

template <typename T>
void Run(const Gemm<T>& product) {
  if (RunDots(product)) {
    return;
  }
  if (product.is_vector()) {
    StartLayer(product);
    Run(product.AsGemv());
    FinishLayer(product);
    return;
  }
  const int parts = Parts(product.work(), kGemmWorkPerThread);
  if (parts == 1) {
    Compute(product);
    return;
  }
  const Grid grid = ChooseGrid(product.m, product.n, parts);
  InTeam(parts, [&](int index) {
    const Range rows = Part(product.m, grid.rows, index % grid.rows);
    const Range cols = Part(product.n, grid.cols, index / grid.rows);
    if (rows.size > 0 && cols.size > 0) {
      Compute(product.Block(rows, cols));
    }
  });
}

void CountProduct() {
  products.Add(1);
  if (InParallelRegion()) {
    nested.Add(1);
  }
}

template <typename T>
void OnGemm(const char* trans_a, const char* trans_b, const int* m, const int* n, const int* k,
            const T* alpha, const T* a, const int* lda, const T* b, const int* ldb, const T* beta,
            T* c, const int* ldc) {
  CountProduct();
  const Gemm<T> product{
      IsYes(*trans_a), IsYes(*trans_b), *m, *n, *k, *alpha, a, *lda, b, *ldb, *beta, c, *ldc};
  if (!IsReleased() && IsTrans(*trans_a) && IsTrans(*trans_b) && product.divisible()) {
    Run(product);
  } else {
    BackendFunctions<T>().gemm(trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
  }
}

template <typename T>
void OnGemv(const char* trans, const int* m, const int* n, const T* alpha, const T* a,
            const int* lda, const T* x, const int* incx, const T* beta, T* y, const int* incy) {
  CountProduct();
  const Gemv<T> product{IsYes(*trans), *m, *n, *alpha, a, *lda, x, *incx, *beta, y, *incy};
  if (!IsReleased() && IsTrans(*trans) && product.divisible()) {
    Run(product);
  } else {
    BackendFunctions<T>().gemv(trans, m, n, alpha, a, lda, x, incx, beta, y, incy);
  }
}

// Whether count numbers at y are apart from those of an operand; a null operand has none.
bool IsApart(const float* y, int64_t count, const float* operand, int64_t operand_count) {
  const std::less_equal<const float*> ends_before;
  return operand == nullptr || ends_before(operand + operand_count, y) ||
         ends_before(y + count, operand);
}

bool IsValid(const lavis4j_blas_layer& l) {
  const auto is_size = [](int64_t size) { return size > 0 && size <= INT32_MAX; };
  return l.x != nullptr && l.weights != nullptr && l.y != nullptr && is_size(l.rows) &&
         is_size(l.depth) && is_size(l.outputs) && l.activation >= LAVIS4J_BLAS_NO_ACTIVATION &&
         l.activation <= LAVIS4J_BLAS_QUICK_GELU &&
         IsApart(l.y, l.rows * l.outputs, l.x, l.rows * l.depth) &&
         IsApart(l.y, l.rows * l.outputs, l.weights, l.outputs * l.depth) &&
         IsApart(l.y, l.rows * l.outputs, l.bias, l.outputs) &&
         IsApart(l.y, l.rows * l.outputs, l.residual, l.rows * l.outputs);
}

lavis4j_blas_status OnLayer(const lavis4j_blas_layer& l) {
  if (!HasBackend()) {
    return LAVIS4J_BLAS_NOT_READY;
  }
  if (!IsValid(l)) {
    return LAVIS4J_BLAS_BAD_ARGUMENT;
  }
  CountProduct();
  const auto rows = static_cast<int>(l.rows);
  const auto depth = static_cast<int>(l.depth);
  const auto outputs = static_cast<int>(l.outputs);
  const float beta = l.bias == nullptr ? 0 : 1;
  const Gemm<float> product{true, false, outputs, rows, depth, 1, l.weights, depth, l.x, depth,
                            beta, l.y, outputs,
                            {l.bias, l.residual, outputs, static_cast<Activation>(l.activation)}};
  if (IsReleased()) {
    ComputeByBackend(product);
  } else {
    Run(product);
  }
  return LAVIS4J_BLAS_OK;
}

}  // namespace
}  // namespace lavis4j

extern "C" {

LAVIS4J_EXPORT lavis4j::GemmFunction<float> sgemm_;
LAVIS4J_EXPORT lavis4j::GemmFunction<double> dgemm_;
LAVIS4J_EXPORT lavis4j::GemvFunction<float> sgemv_;
LAVIS4J_EXPORT lavis4j::GemvFunction<double> dgemv_;

void sgemm_(const char* trans_a, const char* trans_b, const int* m, const int* n, const int* k,
            const float* alpha, const float* a, const int* lda, const float* b, const int* ldb,
            const float* beta, float* c, const int* ldc) {
  lavis4j::OnGemm(trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

void dgemm_(const char* trans_a, const char* trans_b, const int* m, const int* n, const int* k,
            const double* alpha, const double* a, const int* lda, const double* b, const int* ldb,
            const double* beta, double* c, const int* ldc) {
  lavis4j::OnGemm(trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

void sgemv_(const char* trans, const int* m, const int* n, const float* alpha, const float* a,
            const int* lda, const float* x, const int* incx, const float* beta, float* y,
            const int* incy) {
  lavis4j::OnGemv(trans, m, n, alpha, a, lda, x, incx, beta, y, incy);
}

void dgemv_(const char* trans, const int* m, const int* n, const double* alpha, const double* a,
            const int* lda, const double* x, const int* incx, const double* beta, double* y,
            const int* incy) {
  lavis4j::OnGemv(trans, m, n, alpha, a, lda, x, incx, beta, y, incy);
}

lavis4j_blas_status lavis4j_blas_init(const char* openblas_path) {
  return lavis4j::OpenBackend(openblas_path);
}

lavis4j_blas_status lavis4j_blas_follow(const char* libtorch_path) {
  return lavis4j::FollowLibtorch(libtorch_path);
}

lavis4j_blas_status lavis4j_blas_release(void) { return lavis4j::ReleaseBackend(); }

lavis4j_blas_status lavis4j_blas_dense(const lavis4j_blas_layer* layer) {
  return layer == nullptr ? LAVIS4J_BLAS_BAD_ARGUMENT : lavis4j::OnLayer(*layer);
}

const char* lavis4j_blas_instructions(void) {
  const lavis4j::Packing* const packing = lavis4j::BestPacking();
  if (packing != nullptr) {
    return packing->name;
  }
  return lavis4j::BestDots(1, lavis4j::kDeep) == nullptr ? "" : "AVX2";
}

lavis4j_blas_status lavis4j_blas_read_counts(lavis4j_blas_counts* counts) {
  if (counts == nullptr) {
    return LAVIS4J_BLAS_BAD_ARGUMENT;
  }
  *counts = {lavis4j::products.Get(), lavis4j::nested.Get(), lavis4j::split.Get(),
             lavis4j::blocks.Get()};
  return LAVIS4J_BLAS_OK;
}

}  // extern "C"
