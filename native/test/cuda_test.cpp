#include <dlfcn.h>
#include <gtest/gtest.h>

#include <string>

#include "lavis4j/cuda.h"
#include "plain_cuda.h"

namespace lavis4j {
namespace {

constexpr char kLibrary[] = "libplain_cuda.so";

class Cuda : public testing::Test {
 protected:
  void SetUp() override { library_ = dlopen(PLAIN_CUDA, RTLD_NOW | RTLD_LOCAL); }
  void TearDown() override { dlclose(library_); }

  void Set(const PlainCuda& machine) {
    reinterpret_cast<void (*)(const PlainCuda*)>(dlsym(library_, "plain_cuda_set"))(&machine);
  }
  int LastError() {
    return reinterpret_cast<int (*)()>(dlsym(library_, "plain_cuda_last_error"))();
  }

  void* library_ = nullptr;
  lavis4j_cuda_state state_;
  lavis4j_cuda_device device_;
};

TEST_F(Cuda, SaysVersionsAndDevices) {
  PlainCuda machine;
  machine.devices = 2;
  Set(machine);
  ASSERT_EQ(lavis4j_cuda_read(kLibrary, &state_), LAVIS4J_CUDA_OK);
  EXPECT_EQ(state_.runtime, 13030);
  EXPECT_EQ(state_.driver, 13000);
  EXPECT_EQ(state_.error, 0);
  EXPECT_EQ(state_.devices, 2);
  EXPECT_STREQ(state_.message, "");
  ASSERT_EQ(lavis4j_cuda_read_device(kLibrary, 1, &device_), LAVIS4J_CUDA_OK);
  EXPECT_STREQ(device_.name, "A card");
  EXPECT_EQ(device_.memory, int64_t{24} << 30);
  EXPECT_EQ(device_.major, 8);
  EXPECT_EQ(device_.minor, 1);
}

TEST_F(Cuda, AnErrorIsToldAndForgotten) {
  const std::string text(300, 'x');  // longer than there is room for
  PlainCuda machine;
  machine.error = 35;
  machine.driver = 12080;
  machine.message = text.c_str();
  Set(machine);
  ASSERT_EQ(lavis4j_cuda_read(kLibrary, &state_), LAVIS4J_CUDA_OK);
  EXPECT_EQ(state_.error, 35);
  EXPECT_EQ(state_.driver, 12080);
  EXPECT_EQ(state_.devices, 0);
  EXPECT_EQ(std::string(state_.message), text.substr(0, LAVIS4J_CUDA_TEXT - 1));
  EXPECT_EQ(LastError(), 0);
}

TEST_F(Cuda, ADeviceThatIsNotThereIsRefused) {
  Set(PlainCuda());
  EXPECT_EQ(lavis4j_cuda_read_device(kLibrary, 1, &device_), LAVIS4J_CUDA_REFUSED);
  EXPECT_EQ(LastError(), 0);
}

TEST_F(Cuda, NothingIsLoaded) {
  EXPECT_EQ(lavis4j_cuda_read("libtorch_cuda.so", &state_), LAVIS4J_CUDA_NOT_LOADED);
  EXPECT_EQ(lavis4j_cuda_read_device("libtorch_cuda.so", 0, &device_), LAVIS4J_CUDA_NOT_LOADED);
  EXPECT_EQ(lavis4j_cuda_read("libc.so.6", &state_), LAVIS4J_CUDA_NO_SYMBOL);
  EXPECT_EQ(lavis4j_cuda_read(nullptr, &state_), LAVIS4J_CUDA_BAD_ARGUMENT);
  EXPECT_EQ(lavis4j_cuda_read(kLibrary, nullptr), LAVIS4J_CUDA_BAD_ARGUMENT);
}

}  // namespace
}  // namespace lavis4j
