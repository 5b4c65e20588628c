// The Java side of lavis4j/picture.h: the native methods of io.lavis4j.processor.NativePictures.
#include <jni.h>

#include <cstring>

#include "buffer.h"
#include "lavis4j/picture.h"

namespace {

// The numbers of a plan and of regions, in the order of the C structures.
constexpr jsize kPlanNumbers = 12;
constexpr jsize kRegionNumbers = 3;

// What a thread keeps from one call to the next.
struct Desk {
  lavis4j::Buffer<lavis4j_picture_box> boxes;
};

thread_local Desk desk;

// The message travels as bytes.
void SetMessage(JNIEnv* env, jbyteArray to, const lavis4j_picture_message& message) {
  const jsize length = static_cast<jsize>(std::strlen(message.text)) + 1;
  if (length <= env->GetArrayLength(to)) {
    env->SetByteArrayRegion(to, 0, length, reinterpret_cast<const jbyte*>(message.text));
  }
}

lavis4j_picture_plan ReadPlan(JNIEnv* env, jintArray plan) {
  jint n[kPlanNumbers] = {};
  env->GetIntArrayRegion(plan, 0, kPlanNumbers, n);
  return {{n[0], n[1], n[2], n[3]}, n[4], n[5], {n[6], n[7], n[8], n[9]}, n[10], n[11]};
}

// False where there is no memory.
bool ReadRegions(JNIEnv* env, jintArray numbers, jintArray corners,
                 lavis4j_picture_regions& regions) {
  static_assert(sizeof(lavis4j_picture_box) == 4 * sizeof(jint), "a box is four numbers");
  jint n[kRegionNumbers] = {};
  env->GetIntArrayRegion(numbers, 0, kRegionNumbers, n);
  const jsize count = env->GetArrayLength(corners) / 4;
  auto& boxes = desk.boxes;
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

}  // namespace

extern "C" {

JNIEXPORT jint JNICALL Java_io_lavis4j_processor_NativePictures_size(JNIEnv* env, jclass /*type*/,
                                                                     jobject file, jint length,
                                                                     jintArray size,
                                                                     jbyteArray message) {
  lavis4j_picture_message text{};
  jint width_height[2] = {};
  const jint status =
      lavis4j_picture_size(Address(env, file), length, &width_height[0], &width_height[1], &text);
  env->SetIntArrayRegion(size, 0, 2, width_height);
  SetMessage(env, message, text);
  return status;
}

JNIEXPORT jint JNICALL Java_io_lavis4j_processor_NativePictures_load(
    JNIEnv* env, jclass /*type*/, jobject file, jint length, jintArray region_numbers,
    jintArray corners, jintArray plan_numbers, jfloatArray table, jobject out, jint position,
    jbyteArray message) {
  lavis4j_picture_message text{};
  lavis4j_picture_regions regions{};
  if (!ReadRegions(env, region_numbers, corners, regions)) {
    return LAVIS4J_PICTURE_NO_MEMORY;
  }
  const lavis4j_picture_plan plan = ReadPlan(env, plan_numbers);
  void* address = env->GetDirectBufferAddress(out);
  if (address == nullptr || env->ExceptionCheck() != JNI_FALSE) {
    return LAVIS4J_PICTURE_BAD_ARGUMENT;
  }
  float levels[LAVIS4J_PICTURE_TABLE_SIZE];
  env->GetFloatArrayRegion(table, 0, LAVIS4J_PICTURE_TABLE_SIZE, levels);
  const jint status = lavis4j_picture_load(Address(env, file), length, &regions, &plan, levels,
                                           static_cast<float*>(address) + position, &text);
  SetMessage(env, message, text);
  return status;
}

JNIEXPORT jint JNICALL Java_io_lavis4j_processor_NativePictures_loadRgb8(
    JNIEnv* env, jclass /*type*/, jobject file, jint length, jintArray region_numbers,
    jintArray corners, jintArray plan_numbers, jobject out, jbyteArray message) {
  lavis4j_picture_message text{};
  lavis4j_picture_regions regions{};
  if (!ReadRegions(env, region_numbers, corners, regions)) {
    return LAVIS4J_PICTURE_NO_MEMORY;
  }
  const lavis4j_picture_plan plan = ReadPlan(env, plan_numbers);
  auto* address = static_cast<uint8_t*>(env->GetDirectBufferAddress(out));
  const jint status =
      lavis4j_picture_load_rgb8(Address(env, file), length, &regions, &plan, address, &text);
  SetMessage(env, message, text);
  return status;
}

}  // extern "C"
