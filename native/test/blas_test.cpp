#include "lavis4j/blas.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <omp.h>
#include <sys/mman.h>

#include <cmath>
#include <limits>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "fortran.h"

extern "C" {
lavis4j::GemmFunction<float> sgemm_;
lavis4j::GemmFunction<double> dgemm_;
lavis4j::GemvFunction<float> sgemv_;
lavis4j::GemvFunction<double> dgemv_;
}

namespace {

// Before the first test: what must fail while there is no backend, then the backend.
class Backend : public testing::Environment {
 public:
  void SetUp() override {
    EXPECT_EQ(lavis4j_blas_release(), LAVIS4J_BLAS_NOT_READY);
    EXPECT_EQ(lavis4j_blas_init(nullptr), LAVIS4J_BLAS_BAD_ARGUMENT);
    EXPECT_EQ(lavis4j_blas_init("/no/such/library.so"), LAVIS4J_BLAS_NOT_LOADABLE);
    EXPECT_EQ(lavis4j_blas_init("libdl.so.2"), LAVIS4J_BLAS_NO_SYMBOL);
    ASSERT_EQ(lavis4j_blas_init(TEST_BLAS), LAVIS4J_BLAS_OK);
  }
};

[[maybe_unused]] testing::Environment* const environment =
    testing::AddGlobalTestEnvironment(new Backend);  // GoogleTest deletes it

lavis4j_blas_counts Counts() {
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

void CallGemm(char ta, char tb, int m, int n, int k, float alpha, const float* a, int lda,
              const float* b, int ldb, float beta, float* c, int ldc) {
  sgemm_(&ta, &tb, &m, &n, &k, &alpha, a, &lda, b, &ldb, &beta, c, &ldc);
}

void CallGemm(char ta, char tb, int m, int n, int k, double alpha, const double* a, int lda,
              const double* b, int ldb, double beta, double* c, int ldc) {
  dgemm_(&ta, &tb, &m, &n, &k, &alpha, a, &lda, b, &ldb, &beta, c, &ldc);
}

void CallGemv(char t, int m, int n, float alpha, const float* a, int lda, const float* x, int incx,
              float beta, float* y, int incy) {
  sgemv_(&t, &m, &n, &alpha, a, &lda, x, &incx, &beta, y, &incy);
}

void CallGemv(char t, int m, int n, double alpha, const double* a, int lda, const double* x,
              int incx, double beta, double* y, int incy) {
  dgemv_(&t, &m, &n, &alpha, a, &lda, x, &incx, &beta, y, &incy);
}

bool IsNo(char trans) { return trans == 'n' || trans == 'N'; }

size_t At(int row, int col, int ld) {
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

std::string Describe(const Shape& s) {
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

template <typename E>
E Pick(std::initializer_list<E> choices, std::mt19937& random) {
  return choices.begin()[random() % choices.size()];
}

// alpha and beta are exact in either precision, so that the reference sees the same numbers.
Shape RandomShape(std::mt19937& random) {
  const auto extent = [&] { return Pick({0, 1, 1, 2, 3, 7, 16, 17, 33, 64, 100, 150}, random); };
  const auto trans = [&] { return Pick({'n', 'N', 't', 'T', 'c', 'C'}, random); };
  return {trans(),
          trans(),
          extent(),
          extent(),
          extent(),
          Pick({0.0, 1.0, -1.0, 0.625}, random),
          Pick({0.0, 1.0, -0.375, 2.0}, random),
          Pick({0, 0, 1, 9}, random)};
}

template <typename T>
class GemmTest : public testing::Test {};
using Precisions = testing::Types<float, double>;
TYPED_TEST_SUITE(GemmTest, Precisions, );

TYPED_TEST(GemmTest, RandomProductsEqualTheSumInDouble) {
  constexpr unsigned kSeed = 20230130;
  std::mt19937 random(kSeed);
  for (int threads : {1, 2, 3, 8}) {
    const Threads scope(threads);
    for (int i = 0; i < 400; i++) {
      const Shape shape = RandomShape(random);
      SCOPED_TRACE("seed " + std::to_string(kSeed) + ", product " + std::to_string(i));
      Check<TypeParam>(shape, random);
      if (this->HasFatalFailure()) {
        return;
      }
    }
  }
}

TYPED_TEST(GemmTest, EveryTransposeOfALargeProductIsRight) {
  std::mt19937 random(7);
  const Threads scope(4);
  for (char ta : {'n', 'T', 'c'}) {
    for (char tb : {'N', 't', 'C'}) {
      const auto before = Counts();
      Check<TypeParam>({ta, tb, 130, 257, 88, 0.5, 2, 3}, random);
      EXPECT_EQ(Counts().split, before.split + 1);
    }
  }
}

TYPED_TEST(GemmTest, VectorShapesAreRight) {
  std::mt19937 random(8);
  for (int threads : {1, 4}) {
    const Threads scope(threads);
    for (char ta : {'n', 't'}) {
      for (char tb : {'n', 't'}) {
        for (double beta : {0.0, 1.0, -0.5}) {
          for (int padding : {0, 5}) {
            Check<TypeParam>({ta, tb, 1, 1000, 600, 1, beta, padding}, random);
            Check<TypeParam>({ta, tb, 1000, 1, 600, 1, beta, padding}, random);
            Check<TypeParam>({ta, tb, 1, 1, 600000, 1, beta, padding}, random);
          }
        }
      }
    }
  }
}

TYPED_TEST(GemmTest, NothingToSumScalesTheOldValues) {
  std::mt19937 random(9);
  for (double beta : {0.0, 1.0, 2.0}) {
    Check<TypeParam>({'n', 'n', 200, 200, 0, 1, beta, 1}, random);
    Check<TypeParam>({'n', 'n', 200, 200, 100, 0, beta, 1}, random);
    Check<TypeParam>({'n', 'n', 1, 20000, 0, 1, beta, 1}, random);
    Check<TypeParam>({'n', 'n', 1, 2000, 300, 0, beta, 1}, random);
  }
}

TYPED_TEST(GemmTest, AnIllegalArgumentLeavesTheResultAlone) {
  const Threads scope(2);
  const std::vector<TypeParam> a(100 * 100, 1);
  std::vector<TypeParam> c(100 * 100, 5);
  const auto before = Counts();
  CallGemm('x', 'n', 100, 100, 100, TypeParam{1}, a.data(), 100, a.data(), 100, TypeParam{0},
           c.data(), 100);
  EXPECT_EQ(c, std::vector<TypeParam>(100 * 100, 5));
  EXPECT_EQ(Counts().split, before.split);
}

TYPED_TEST(GemmTest, InsideAParallelRegionEveryProductIsSerial) {
  const Threads scope(4);
  const auto before = Counts();
#pragma omp parallel num_threads(4)
  {
    std::mt19937 random(static_cast<unsigned>(omp_get_thread_num()));
    for (int i = 0; i < 10; i++) {
      Check<TypeParam>({'n', 't', 90, 110, 70, 1, 0, 2}, random);
      Check<TypeParam>({'t', 'n', 1, 900, 300, 1, 0, 2}, random);
    }
  }
  const auto after = Counts();
  EXPECT_EQ(after.nested - before.nested, 80);
  EXPECT_EQ(after.split, before.split);
}

TYPED_TEST(GemmTest, ATeamOfOneCountsAsAParallelRegion) {
  const Threads scope(4);
  const auto before = Counts();
#pragma omp parallel num_threads(1)
  {
    std::mt19937 random(1);
    Check<TypeParam>({'n', 'n', 100, 100, 100, 1, 0, 0}, random);
  }
  EXPECT_EQ(Counts().split, before.split);
}

TYPED_TEST(GemmTest, TwoThreadsMultiplyAtOnce) {
  const auto work = [](unsigned seed) {
    const Threads scope(3);
    std::mt19937 random(seed);
    for (int i = 0; i < 40; i++) {
      Check<TypeParam>({'n', 't', 100, 130, 60, 1, 0.5, 2}, random);
      Check<TypeParam>({'t', 'n', 1, 900, 300, 1, 0, 2}, random);
    }
  };
  std::thread first(work, 1);
  std::thread second(work, 2);
  first.join();
  second.join();
}

TYPED_TEST(GemmTest, OffsetsPastTwoToTheThirtyOneAreRight) {
  // 32 columns of B with 2^27 + 1 between neighbours: 16 GiB or 32 GiB of addresses, few of them
  // ever touched.
  constexpr int kLd = (1 << 27) + 1;
  constexpr int kRows = 500;
  constexpr int kCols = 32;
  const size_t bytes = At(0, kCols, kLd) * sizeof(TypeParam);
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    GTEST_SKIP() << "needs " << bytes << " bytes of address space";
  }
  auto* b = static_cast<TypeParam*>(memory);
  for (int j = 0; j < kCols; j++) {
    b[At(0, j, kLd)] = static_cast<TypeParam>(j);
  }
  const std::vector<TypeParam> a(32 * kRows, 1);
  std::vector<TypeParam> c(32 * kCols, -1);

  const Threads scope(2);
  const auto before = Counts();
  CallGemm('n', 'n', 32, kCols, kRows, TypeParam{1}, a.data(), 32, b, kLd, TypeParam{0}, c.data(),
           32);
  EXPECT_EQ(Counts().blocks - before.blocks, 2);
  for (int j = 0; j < kCols; j++) {
    EXPECT_EQ(c[At(31, j, 32)], static_cast<TypeParam>(j));
  }
  munmap(memory, bytes);
}

template <typename T>
class GemvTest : public testing::Test {};
TYPED_TEST_SUITE(GemvTest, Precisions, );

// y = 2 A x - y with rows and columns that tell their index, so that any stride shows.
template <typename T>
void CheckGemv(char trans, int incx, int incy) {
  constexpr int kRows = 700;
  constexpr int kCols = 400;
  constexpr int kLda = 703;
  const int inputs = IsNo(trans) ? kCols : kRows;
  const int outputs = IsNo(trans) ? kRows : kCols;
  std::mt19937 random(11);
  const auto a = Normal<T>(At(0, kCols, kLda), random);
  const auto x = Normal<T>(At(0, inputs, std::abs(incx)), random);
  auto y = Normal<T>(At(0, outputs, std::abs(incy)), random);
  const auto before = y;

  CallGemv(trans, kRows, kCols, T{2}, a.data(), kLda, x.data(), incx, T{-1}, y.data(), incy);

  // A negative stride walks the vector from its end.
  const auto place = [](int index, int size, int inc) {
    return At(0, inc > 0 ? index : size - 1 - index, std::abs(inc));
  };
  constexpr double kEpsilon = static_cast<double>(std::numeric_limits<T>::epsilon());
  for (int i = 0; i < outputs; i++) {
    double sum = 0;
    double size = 0;
    for (int l = 0; l < inputs; l++) {
      const double product = static_cast<double>(a[IsNo(trans) ? At(i, l, kLda) : At(l, i, kLda)]) *
                             static_cast<double>(x[place(l, inputs, incx)]);
      sum += product;
      size += std::abs(product);
    }
    const double old = static_cast<double>(before[place(i, outputs, incy)]);
    ASSERT_NEAR(static_cast<double>(y[place(i, outputs, incy)]), 2 * sum - old,
                (inputs + 4) * kEpsilon * (2 * size + std::abs(old)))
        << trans << " incx " << incx << " incy " << incy << " at " << i;
  }
}

TYPED_TEST(GemvTest, EveryStrideIsRight) {
  for (int threads : {1, 2, 5}) {
    const Threads scope(threads);
    for (char trans : {'n', 'T', 'c'}) {
      for (int incx : {1, 3, -1, -2}) {
        for (int incy : {1, 2, -1, -3}) {
          CheckGemv<TypeParam>(trans, incx, incy);
        }
      }
    }
  }
}

TYPED_TEST(GemvTest, AnEmptyMatrixLeavesTheResultAlone) {
  std::vector<TypeParam> y(3, 5);
  const TypeParam x = 1;
  CallGemv('n', 0, 3, TypeParam{1}, &x, 1, &x, 1, TypeParam{0}, y.data(), 1);
  EXPECT_EQ(y, std::vector<TypeParam>(3, 5));
}

int64_t BlocksOfOneProduct() {
  std::mt19937 random(3);
  const auto before = Counts();
  Check<float>({'n', 'n', 160, 160, 160, 1, 0, 0}, random);
  return Counts().blocks - before.blocks;
}

TEST(TeamTest, HasAsManyThreadsAsOpenMpAllows) {
  for (int threads : {2, 3, 8}) {
    const Threads scope(threads);
    EXPECT_EQ(BlocksOfOneProduct(), threads);
  }
  const Threads scope(1);
  EXPECT_EQ(BlocksOfOneProduct(), 0);
}

TEST(TeamTest, SmallProductsAreSerial) {
  const Threads scope(8);
  std::mt19937 random(3);
  const auto before = Counts();
  Check<float>({'n', 'n', 16, 16, 16, 1, 0, 0}, random);
  EXPECT_EQ(Counts().products, before.products + 1);
  EXPECT_EQ(Counts().split, before.split);
}

TEST(TeamTest, FollowsLibtorch) {
  EXPECT_EQ(lavis4j_blas_follow(nullptr), LAVIS4J_BLAS_BAD_ARGUMENT);
  EXPECT_EQ(lavis4j_blas_follow("/no/such/library.so"), LAVIS4J_BLAS_NOT_LOADABLE);
  EXPECT_EQ(lavis4j_blas_follow("libc.so.6"), LAVIS4J_BLAS_NO_SYMBOL);

  void* libtorch = dlopen(PLAIN_BLAS, RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(libtorch, nullptr);
  ASSERT_EQ(lavis4j_blas_follow(PLAIN_BLAS), LAVIS4J_BLAS_OK);
  const Threads scope(5);
  EXPECT_EQ(BlocksOfOneProduct(), 5);
}

TEST(BackendTest, KeepsOneThreadUntilReleased) {
  void* library = dlopen(TEST_BLAS, RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(library, nullptr);
  const auto get_threads = reinterpret_cast<int (*)()>(dlsym(library, "openblas_get_num_threads"));
  ASSERT_NE(get_threads, nullptr);
  EXPECT_EQ(get_threads(), 1);

  const Threads scope(2);
  ASSERT_EQ(lavis4j_blas_release(), LAVIS4J_BLAS_OK);
  EXPECT_GT(get_threads(), 1);
  EXPECT_EQ(BlocksOfOneProduct(), 0);

  ASSERT_EQ(lavis4j_blas_init(TEST_BLAS), LAVIS4J_BLAS_OK);
  EXPECT_EQ(get_threads(), 1);
  EXPECT_EQ(BlocksOfOneProduct(), 2);
  dlclose(library);
}

TEST(BackendTest, StaysTheSame) {
  EXPECT_EQ(lavis4j_blas_init("libdl.so.2"), LAVIS4J_BLAS_BAD_ARGUMENT);
  EXPECT_EQ(lavis4j_blas_read_counts(nullptr), LAVIS4J_BLAS_BAD_ARGUMENT);
}

}  // namespace
