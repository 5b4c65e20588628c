# lavis4j::leptonica: the library that org.bytedeco:leptonica brings for this platform, which holds
# libjpeg-turbo and libpng with their headers. LEPTONICA_DIR is where Maven has unpacked it.
set(LEPTONICA_DIR "${CMAKE_CURRENT_SOURCE_DIR}/../target/leptonica" CACHE PATH
  "Folder with the unpacked org.bytedeco:leptonica of the platform")
file(GLOB_RECURSE leptonica_library "${LEPTONICA_DIR}/libleptonica.so.*")

if(leptonica_library)
  list(GET leptonica_library 0 leptonica_library)
  get_filename_component(leptonica_dir "${leptonica_library}" DIRECTORY)
  add_library(lavis4j_leptonica SHARED IMPORTED)
  add_library(lavis4j::leptonica ALIAS lavis4j_leptonica)
  set_target_properties(lavis4j_leptonica PROPERTIES
    IMPORTED_LOCATION "${leptonica_library}"
    INTERFACE_INCLUDE_DIRECTORIES "${leptonica_dir}/include")
endif()
