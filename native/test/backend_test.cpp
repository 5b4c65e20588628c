#include <dlfcn.h>
#include <gtest/gtest.h>

#include <random>

#include "checked_product.h"

namespace lavis4j {
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

TEST(BackendTest, ComputesEverythingOnceReleased) {
  void* library = dlopen(TEST_BLAS, RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(library, nullptr);
  const auto backend = reinterpret_cast<GemmFunction<float>*>(dlsym(library, "sgemm_"));
  ASSERT_NE(backend, nullptr);
  const char yes = 't';
  const char no = 'n';
  const int rows = 200;
  const int depth = 500;
  const float alpha = 0.75F;
  const float beta = 0;
  std::mt19937 random(4);
  const auto a = Normal<float>(At(0, rows, depth), random);
  const auto b = Normal<float>(At(0, 100, depth), random);
  ASSERT_EQ(lavis4j_blas_release(), LAVIS4J_BLAS_OK);
  for (const int cols : {1, 4, 100}) {
    std::vector<float> ours(At(0, cols, rows));
    std::vector<float> whole(At(0, cols, rows));
    CallGemm(yes, no, rows, cols, depth, alpha, a.data(), depth, b.data(), depth, beta, ours.data(),
             rows);
    backend(&yes, &no, &rows, &cols, &depth, &alpha, a.data(), &depth, b.data(), &depth, &beta,
            whole.data(), &rows);
    EXPECT_EQ(ours, whole) << cols << " columns";
  }
  ASSERT_EQ(lavis4j_blas_init(TEST_BLAS), LAVIS4J_BLAS_OK);
  dlclose(library);
}

TEST(BackendTest, StaysTheSame) {
  EXPECT_EQ(lavis4j_blas_init("libdl.so.2"), LAVIS4J_BLAS_BAD_ARGUMENT);
  EXPECT_EQ(lavis4j_blas_read_counts(nullptr), LAVIS4J_BLAS_BAD_ARGUMENT);
}

}  // namespace
}  // namespace lavis4j
