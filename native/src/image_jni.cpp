// The Java side of lavis4j/image.h: the native methods of io.lavis4j.processor.ImageLibrary.
#include <jni.h>

#include <cstring>

#include "buffer.h"
#include "lavis4j/image.h"

namespace {

// The numbers of a plan and of regions, in the order of the C structures.
constexpr jsize kPlanNumbers = 12;
constexpr jsize kRegionNumbers = 3;

// Of an augmentation: its operation and its matrix.
constexpr jsize kAugmentationNumbers = 7;

// What a thread keeps from one call to the next.
struct Scratch {
  lavis4j::Buffer<lavis4j_image_box> boxes;
  lavis4j::Buffer<lavis4j_image_augmentation> augmentations;
};

thread_local Scratch scratch;

// The message travels as bytes.
void SetMessage(JNIEnv* env, jbyteArray to, const lavis4j_image_message& message) {
  const jsize length = static_cast<jsize>(std::strlen(message.text)) + 1;
  if (length <= env->GetArrayLength(to)) {
    env->SetByteArrayRegion(to, 0, length, reinterpret_cast<const jbyte*>(message.text));
  }
}

// False where there is no memory.
bool ReadPlan(JNIEnv* env, jintArray numbers, jdoubleArray augmentations,
              lavis4j_image_plan& plan) {
  jint n[kPlanNumbers] = {};
  env->GetIntArrayRegion(numbers, 0, kPlanNumbers, n);
  plan = {{n[0], n[1], n[2], n[3]}, n[4], n[5], {n[6], n[7], n[8], n[9]}, n[10], n[11], nullptr, 0};
  const jsize count = env->GetArrayLength(augmentations) / kAugmentationNumbers;
  auto& all = scratch.augmentations;
  if (count == 0 || !all.Reserve(static_cast<size_t>(count))) {
    return count == 0;
  }
  for (jsize i = 0; i < count; i++) {
    jdouble a[kAugmentationNumbers] = {};
    env->GetDoubleArrayRegion(augmentations, kAugmentationNumbers * i, kAugmentationNumbers, a);
    all[static_cast<size_t>(i)] = {static_cast<int32_t>(a[0]),
                                   {a[1], a[2], a[3], a[4], a[5], a[6]}};
  }
  plan.augmentations = all.data();
  plan.num_augmentations = count;
  return true;
}

// False where there is no memory.
bool ReadRegions(JNIEnv* env, jintArray numbers, jintArray corners,
                 lavis4j_image_regions& regions) {
  static_assert(sizeof(lavis4j_image_box) == 4 * sizeof(jint), "a box is four numbers");
  jint n[kRegionNumbers] = {};
  env->GetIntArrayRegion(numbers, 0, kRegionNumbers, n);
  const jsize count = env->GetArrayLength(corners) / 4;
  auto& boxes = scratch.boxes;
  if (count > 0 && !boxes.Reserve(static_cast<size_t>(count))) {
    return false;
  }
  env->GetIntArrayRegion(corners, 0, 4 * count, reinterpret_cast<jint*>(boxes.data()));
  regions = {boxes.data(), count, n[0], n[1], n[2]};
  return true;
}

const uint8_t* Address(JNIEnv* env, jobject buffer) {
  return static_cast<const uint8_t*>(env->GetDirectBufferAddress(buffer));
}

// What Java says, as C structures; they are in the scratch of the thread.
struct Order {
  lavis4j_image_regions regions{};
  lavis4j_image_plan plan{};

  lavis4j_image_status Read(JNIEnv* env, jintArray region_numbers, jintArray corners,
                            jintArray plan_numbers, jdoubleArray augmentations) {
    if (!ReadRegions(env, region_numbers, corners, regions) ||
        !ReadPlan(env, plan_numbers, augmentations, plan)) {
      return LAVIS4J_IMAGE_NO_MEMORY;
    }
    return env->ExceptionCheck() == JNI_FALSE ? LAVIS4J_IMAGE_OK : LAVIS4J_IMAGE_BAD_ARGUMENT;
  }
};

}  // namespace

extern "C" {

JNIEXPORT jint JNICALL Java_io_lavis4j_processor_ImageLibrary_size(JNIEnv* env, jclass /*type*/,
                                                                   jobject file, jint length,
                                                                   jintArray size,
                                                                   jbyteArray message) {
  lavis4j_image_message text{};
  jint width_height[2] = {};
  const jint status =
      lavis4j_image_size(Address(env, file), length, &width_height[0], &width_height[1], &text);
  env->SetIntArrayRegion(size, 0, 2, width_height);
  SetMessage(env, message, text);
  return status;
}

JNIEXPORT jint JNICALL Java_io_lavis4j_processor_ImageLibrary_load(
    JNIEnv* env, jclass /*type*/, jobject file, jint length, jintArray region_numbers,
    jintArray corners, jintArray plan_numbers, jdoubleArray augmentations, jfloatArray table,
    jobject out, jint position, jbyteArray message) {
  Order order;
  jint status = order.Read(env, region_numbers, corners, plan_numbers, augmentations);
  auto* address = static_cast<float*>(env->GetDirectBufferAddress(out));
  if (status != LAVIS4J_IMAGE_OK || address == nullptr) {
    return status == LAVIS4J_IMAGE_OK ? LAVIS4J_IMAGE_BAD_ARGUMENT : status;
  }
  float levels[LAVIS4J_IMAGE_TABLE_SIZE];
  env->GetFloatArrayRegion(table, 0, LAVIS4J_IMAGE_TABLE_SIZE, levels);
  lavis4j_image_message text{};
  status = lavis4j_image_load(Address(env, file), length, &order.regions, &order.plan, levels,
                              address + position, &text);
  SetMessage(env, message, text);
  return status;
}

JNIEXPORT jint JNICALL Java_io_lavis4j_processor_ImageLibrary_load16(
    JNIEnv* env, jclass /*type*/, jobject file, jint length, jintArray region_numbers,
    jintArray corners, jintArray plan_numbers, jdoubleArray augmentations, jshortArray table,
    jobject out, jint position, jbyteArray message) {
  Order order;
  jint status = order.Read(env, region_numbers, corners, plan_numbers, augmentations);
  auto* address = static_cast<uint16_t*>(env->GetDirectBufferAddress(out));
  if (status != LAVIS4J_IMAGE_OK || address == nullptr) {
    return status == LAVIS4J_IMAGE_OK ? LAVIS4J_IMAGE_BAD_ARGUMENT : status;
  }
  uint16_t levels[LAVIS4J_IMAGE_TABLE_SIZE];
  env->GetShortArrayRegion(table, 0, LAVIS4J_IMAGE_TABLE_SIZE, reinterpret_cast<jshort*>(levels));
  lavis4j_image_message text{};
  status = lavis4j_image_load16(Address(env, file), length, &order.regions, &order.plan, levels,
                                address + position, &text);
  SetMessage(env, message, text);
  return status;
}

JNIEXPORT jint JNICALL Java_io_lavis4j_processor_ImageLibrary_loadRgb8(
    JNIEnv* env, jclass /*type*/, jobject file, jint length, jintArray region_numbers,
    jintArray corners, jintArray plan_numbers, jdoubleArray augmentations, jobject out,
    jbyteArray message) {
  Order order;
  jint status = order.Read(env, region_numbers, corners, plan_numbers, augmentations);
  if (status != LAVIS4J_IMAGE_OK) {
    return status;
  }
  lavis4j_image_message text{};
  auto* address = static_cast<uint8_t*>(env->GetDirectBufferAddress(out));
  status = lavis4j_image_load_rgb8(Address(env, file), length, &order.regions, &order.plan, address,
                                   &text);
  SetMessage(env, message, text);
  return status;
}

}  // extern "C"
