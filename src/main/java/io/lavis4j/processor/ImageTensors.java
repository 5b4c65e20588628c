package io.lavis4j.processor;

import io.lavis4j.image.BrokenImageException;
import io.lavis4j.image.RegionMode;
import io.lavis4j.image.Regions;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** From image files to what a model takes, for programs without a data set. */
public final class ImageTensors {

    private static final Regions NO_REGIONS = new Regions(List.of(), 0, 0, RegionMode.NONE);

    private ImageTensors() {}

    /**
     * One image as a batch of one.
     *
     * @return (1, 3, S, S), float32, on {@code device}, in the enclosing scope
     * @throws BrokenImageException if the file is missing or not an image
     */
    public static Tensor tensor(Path file, ImageProcessor processor, Device device) {
        return tensor(List.of(file), processor, device);
    }

    /**
     * One image with regions as a batch of one.
     *
     * @param regions drawn before the image is resized
     * @return (1, 3, S, S), float32, on {@code device}, in the enclosing scope
     * @throws BrokenImageException if the file is missing or not an image
     */
    public static Tensor tensor(Path file, Regions regions, ImageProcessor processor, Device device) {
        return tensor(List.of(file), regions, processor, device);
    }

    /**
     * Images as a batch. Training processors draw from libtorch's default generator, as in LAVIS.
     *
     * @return (files, 3, S, S), float32, on {@code device}, in the enclosing scope
     * @throws BrokenImageException if a file is missing or not an image
     */
    public static Tensor tensor(List<Path> files, ImageProcessor processor, Device device) {
        return tensor(files, NO_REGIONS, processor, device);
    }

    private static Tensor tensor(List<Path> files, Regions regions, ImageProcessor processor, Device device) {
        int S = processor.imageSize();
        var random = new TorchSampleRandom();
        var pipeline = ImagePipelines.best();
        return Scopes.keep(() -> {
            var batch = torch.empty(
                    new long[] {files.size(), 3, S, S}, Tensors.options(Devices.cpu(), ScalarType.Float), null);
            var numbers = batch.data_ptr_float().capacity(batch.numel()).asBuffer();
            for (Path file : files) {
                pipeline.load(file, regions, processor, random, numbers);
            }
            return batch.to(device, ScalarType.Float);
        });
    }
}
