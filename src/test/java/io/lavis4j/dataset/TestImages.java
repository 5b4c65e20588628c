package io.lavis4j.dataset;

import io.lavis4j.image.BrokenImageException;
import io.lavis4j.image.Regions;
import io.lavis4j.image.RgbImage;
import io.lavis4j.processor.ImagePipeline;
import io.lavis4j.processor.ImageProcessor;
import io.lavis4j.processor.PixelBuffer;
import io.lavis4j.processor.SampleRandom;
import io.lavis4j.processor.SeededSampleRandom;
import io.lavis4j.processor.TextProcessor;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A data set without files: the image of sample i is filled with i, but for its last pixel, which is drawn. Loading
 * takes a random while.
 */
final class TestImages implements Dataset, ImagePipeline, ImageProcessor {

    static final int SIZE = 4;

    final Set<String> threads = ConcurrentHashMap.newKeySet();
    final AtomicInteger loads = new AtomicInteger();
    private final int size;
    private final Set<Integer> broken;
    private volatile int faulty = -1;
    private String name = "numbers";
    private String ids = "id";
    private int imageSize = SIZE;
    private volatile long slowest = 300_000; // ns

    TestImages(int size, Integer... broken) {
        this.size = size;
        this.broken = new HashSet<>(List.of(broken));
    }

    /** All but a defect of the program at one sample. */
    TestImages failingAt(int index) {
        faulty = index;
        return this;
    }

    TestImages slow(long nanos) {
        slowest = nanos;
        return this;
    }

    /** Under another name, which the keys of its samples begin with. */
    TestImages named(String other) {
        name = other;
        ids = other;
        return this;
    }

    TestImages ofSize(int other) {
        imageSize = other;
        return this;
    }

    SampleSource source() {
        return new SampleSource(this, this, TestText.AS_IT_IS, this, SeededSampleRandom::of);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Sample sample(int index, TextProcessor text) {
        return new Sample(
                Path.of(Integer.toString(index)),
                SampleTexts.of(instanceId(index), text.process("text " + index))
                        .withPrompt(index % 2 == 0 ? "prompt " + index : null)
                        .withReferences(List.of("reference " + index)));
    }

    @Override
    public String instanceId(int index) {
        return ids + index;
    }

    @Override
    public Map<String, List<String>> references() {
        var references = new LinkedHashMap<String, List<String>>();
        for (int i = 0; i < size; i++) {
            references.put(instanceId(i), List.of("reference " + i));
        }
        return Collections.unmodifiableMap(references);
    }

    @Override
    public void load(
            byte[] content,
            String name,
            Regions regions,
            ImageProcessor processor,
            SampleRandom random,
            PixelBuffer out) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void load(Path file, Regions regions, ImageProcessor processor, SampleRandom random, PixelBuffer place) {
        var out = FloatBuffer.allocate(3 * SIZE * SIZE);
        threads.add(Thread.currentThread().getName());
        int load = loads.incrementAndGet();
        long end = System.nanoTime() + new SplittableRandom(load).nextLong(slowest);
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        int index = Integer.parseInt(file.toString());
        if (broken.contains(index)) {
            throw new BrokenImageException("file " + file + " is not an image");
        }
        if (index == faulty) {
            throw new ArithmeticException("a defect");
        }
        for (int i = 0; i < 3 * SIZE * SIZE - 1; i++) {
            out.put(index);
        }
        out.put((float) random.uniform(0, 1));
        place.put(out.array());
    }

    @Override
    public int imageSize() {
        return imageSize;
    }

    @Override
    public void process(RgbImage image, SampleRandom random, FloatBuffer out) {
        throw new UnsupportedOperationException();
    }
}
