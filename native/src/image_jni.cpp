// The Java side of lavis4j/image.h: the native methods of io.lavis4j.processor.ImageLibrary.
#include <jni.h>

#include <cstddef>
#include <cstring>

#include "buffer.h"
#include "lavis4j/image.h"
#include "packed_plan.h"

namespace {

// Memory that a thread keeps from one call to the next.
struct Scratch {
  lavis4j::Buffer<uint8_t> packed;  // the plan
};

thread_local Scratch scratch;

// The message travels as bytes.
void SetMessage(JNIEnv* env, jbyteArray to, const lavis4j_image_message& message) {
  const jsize length = static_cast<jsize>(std::strlen(message.text)) + 1;
  if (length <= env->GetArrayLength(to)) {
    env->SetByteArrayRegion(to, 0, length, reinterpret_cast<const jbyte*>(message.text));
  }
}

const uint8_t* Address(JNIEnv* env, jobject buffer) {
  return static_cast<const uint8_t*>(env->GetDirectBufferAddress(buffer));
}

// A plan of Java's as C structures, which point into the scratch of the thread.
struct UnpackedPlan {
  lavis4j_image_regions regions{};
  lavis4j_image_plan plan{};

  lavis4j_image_status Read(JNIEnv* env, jbyteArray packed) {
    const jsize length = env->GetArrayLength(packed);
    const auto size = static_cast<size_t>(length);
    auto& block = scratch.packed;
    if (!block.Reserve(size)) {
      return LAVIS4J_IMAGE_NO_MEMORY;
    }
    env->GetByteArrayRegion(packed, 0, length, reinterpret_cast<jbyte*>(block.data()));
    return lavis4j::Unpack(block.data(), size, regions, plan) ? LAVIS4J_IMAGE_OK
                                                              : LAVIS4J_IMAGE_BAD_ARGUMENT;
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
    JNIEnv* env, jclass /*type*/, jobject file, jint length, jbyteArray packed, jfloatArray table,
    jobject out, jint position, jbyteArray message) {
  UnpackedPlan unpacked;
  jint status = unpacked.Read(env, packed);
  auto* address = static_cast<float*>(env->GetDirectBufferAddress(out));
  if (status != LAVIS4J_IMAGE_OK || address == nullptr) {
    return status == LAVIS4J_IMAGE_OK ? LAVIS4J_IMAGE_BAD_ARGUMENT : status;
  }
  float levels[LAVIS4J_IMAGE_TABLE_SIZE];
  env->GetFloatArrayRegion(table, 0, LAVIS4J_IMAGE_TABLE_SIZE, levels);
  lavis4j_image_message text{};
  status = lavis4j_image_load(Address(env, file), length, &unpacked.regions, &unpacked.plan, levels,
                              address + position, &text);
  SetMessage(env, message, text);
  return status;
}

JNIEXPORT jint JNICALL Java_io_lavis4j_processor_ImageLibrary_load16(
    JNIEnv* env, jclass /*type*/, jobject file, jint length, jbyteArray packed, jshortArray table,
    jobject out, jint position, jbyteArray message) {
  UnpackedPlan unpacked;
  jint status = unpacked.Read(env, packed);
  auto* address = static_cast<uint16_t*>(env->GetDirectBufferAddress(out));
  if (status != LAVIS4J_IMAGE_OK || address == nullptr) {
    return status == LAVIS4J_IMAGE_OK ? LAVIS4J_IMAGE_BAD_ARGUMENT : status;
  }
  uint16_t levels[LAVIS4J_IMAGE_TABLE_SIZE];
  env->GetShortArrayRegion(table, 0, LAVIS4J_IMAGE_TABLE_SIZE, reinterpret_cast<jshort*>(levels));
  lavis4j_image_message text{};
  status = lavis4j_image_load16(Address(env, file), length, &unpacked.regions, &unpacked.plan,
                                levels, address + position, &text);
  SetMessage(env, message, text);
  return status;
}

JNIEXPORT jint JNICALL Java_io_lavis4j_processor_ImageLibrary_loadRgb8(JNIEnv* env, jclass /*type*/,
                                                                       jobject file, jint length,
                                                                       jbyteArray packed,
                                                                       jobject out,
                                                                       jbyteArray message) {
  UnpackedPlan unpacked;
  jint status = unpacked.Read(env, packed);
  if (status != LAVIS4J_IMAGE_OK) {
    return status;
  }
  lavis4j_image_message text{};
  auto* address = static_cast<uint8_t*>(env->GetDirectBufferAddress(out));
  status = lavis4j_image_load_rgb8(Address(env, file), length, &unpacked.regions, &unpacked.plan,
                                   address, &text);
  SetMessage(env, message, text);
  return status;
}

// Offsets and sizes in the order in which PackedPlanTest names them.
JNIEXPORT jintArray JNICALL Java_io_lavis4j_processor_ImageLibrary_planLayout(JNIEnv* env,
                                                                              jclass /*type*/) {
  using lavis4j::PackedPlan;
  constexpr jint kLayout[] = {
      offsetof(PackedPlan, crop),
      offsetof(PackedPlan, width),
      offsetof(PackedPlan, height),
      offsetof(PackedPlan, window),
      offsetof(PackedPlan, flip),
      offsetof(PackedPlan, fast),
      offsetof(PackedPlan, declared_width),
      offsetof(PackedPlan, declared_height),
      offsetof(PackedPlan, mode),
      offsetof(PackedPlan, num_boxes),
      offsetof(PackedPlan, num_augmentations),
      sizeof(PackedPlan),
      offsetof(lavis4j_image_augmentation, operation),
      offsetof(lavis4j_image_augmentation, matrix),
      sizeof(lavis4j_image_augmentation),
      offsetof(lavis4j_image_box, left),
      offsetof(lavis4j_image_box, top),
      offsetof(lavis4j_image_box, width),
      offsetof(lavis4j_image_box, height),
      sizeof(lavis4j_image_box),
  };
  constexpr jsize kSize = sizeof(kLayout) / sizeof(kLayout[0]);
  jintArray layout = env->NewIntArray(kSize);
  if (layout != nullptr) {
    env->SetIntArrayRegion(layout, 0, kSize, kLayout);
  }
  return layout;
}

}  // extern "C"
