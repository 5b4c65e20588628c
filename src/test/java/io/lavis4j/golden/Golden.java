package io.lavis4j.golden;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lavis4j.checkpoint.SafeTensors;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.function.Executable;

/** One reference case: its files, and comparisons that say where two tensors differ. */
public final class Golden {

    private final Path folder;

    private Golden(Path folder) {
        this.folder = folder;
    }

    /** The case in a folder. */
    public static Golden at(Path folder) {
        return new Golden(folder);
    }

    /**
     * Tests of all cases of a kind: {@code tests} adds named ones for a case. Fails when there is no case; the plain
     * one must be complete, further ones may hold a part of its files and are tested as far as they go.
     */
    public static Stream<DynamicTest> tests(String kind, Consumer<Tests> tests) {
        var all = new ArrayList<DynamicTest>();
        GoldenCases.of(kind).forEach(folder -> tests.accept(new Tests(new Golden(folder), all)));
        assertThat(all).as("tests of " + kind).isNotEmpty();
        return all.stream();
    }

    /** Collects the tests of one case. */
    public record Tests(Golden golden, List<DynamicTest> collected) {

        /** Adds a test; it runs in a scope of its own. */
        public void add(String name, Executable test) {
            collected.add(DynamicTest.dynamicTest(golden.name() + ": " + name, () -> {
                TestDevice.assumeAvailable();
                try (var scope = new PointerScope()) {
                    test.execute();
                }
            }));
        }

        /** Adds a test that needs files, which further cases may leave out. */
        public void addWith(List<String> files, String name, Executable test) {
            if (golden.isPlain() || files.stream().allMatch(golden::has)) {
                add(name, test);
            }
        }

        /** Adds a test that needs a tensor of a file, which further cases may leave out. */
        public void addWithTensor(String file, String tensor, String name, Executable test) {
            if (golden.isPlain() || (golden.has(file) && golden.hasTensor(file, tensor))) {
                add(name, test);
            }
        }
    }

    /** The folder's name. */
    public String name() {
        return folder.getFileName().toString();
    }

    /** The folder. */
    public Path folder() {
        return folder;
    }

    /** Where the tests of this run compute, by the system property {@code test.device}. */
    public Device device() {
        return TestDevice.device();
    }

    /** Whether this is the case that must be complete, not a further one. */
    public boolean isPlain() {
        return !name().contains("@");
    }

    /** Whether the case has this file. */
    public boolean has(String file) {
        return Files.exists(folder.resolve(file));
    }

    private boolean hasTensor(String file, String name) {
        try (var scope = new PointerScope()) {
            return SafeTensors.read(folder.resolve(file)).containsKey(name);
        }
    }

    /** A JSON file of the case. */
    public JsonNode json(String file) {
        try {
            return new ObjectMapper().readTree(folder.resolve(file).toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(folder.resolve(file).toString(), e);
        }
    }

    /** A safetensors file of the case, on the test's device. */
    public Map<String, Tensor> tensors(String file) {
        var read = SafeTensors.read(folder.resolve(file));
        var device = device();
        if (device.is_cpu()) {
            return read;
        }
        var moved = new LinkedHashMap<String, Tensor>();
        read.forEach((name, tensor) -> moved.put(name, tensor.to(device, Tensors.dtype(tensor))));
        return moved;
    }

    /** The entries whose names start with {@code prefix}, without it. */
    public static Map<String, Tensor> under(String prefix, Map<String, Tensor> tensors) {
        var part = new LinkedHashMap<String, Tensor>();
        tensors.forEach((name, tensor) -> {
            if (name.startsWith(prefix)) {
                part.put(name.substring(prefix.length()), tensor);
            }
        });
        return part;
    }

    /** A tensor that must be in the map. */
    public static Tensor get(Map<String, Tensor> tensors, String name) {
        var tensor = tensors.get(name);
        if (tensor == null) {
            throw new AssertionError("the case lacks " + name + "; it has " + tensors.keySet());
        }
        return tensor;
    }

    /** Equal within {@code atol} + {@code rtol} times the expected value. */
    public static void assertClose(String what, Tensor actual, Tensor expected, double atol, double rtol) {
        assertThat(Tensors.shape(actual)).as("shape of " + what).isEqualTo(Tensors.shape(expected));
        try (var scope = new PointerScope()) {
            var a = actual.detach().to(Devices.cpu(), ScalarType.Double);
            var e = expected.detach().to(Devices.cpu(), ScalarType.Double);
            if (a.numel() == 0) {
                return;
            }
            var excess =
                    a.sub(e).abs().sub(e.abs().mul(Tensors.scalar(rtol))).max().item_double();
            double worst = a.sub(e).abs().max().item_double();
            assertThat(excess)
                    .as("%s: largest difference %g, allowed %g + %g |expected|", what, worst, atol, rtol)
                    .isLessThanOrEqualTo(atol);
        }
    }

    /** Equal within {@code tolerance} times the largest expected value. */
    public static void assertCloseToMax(String what, Tensor actual, Tensor expected, double tolerance) {
        try (var scope = new PointerScope()) {
            double max = expected.numel() == 0
                    ? 0
                    : expected.detach().to(ScalarType.Double).abs().max().item_double();
            assertClose(what, actual, expected, tolerance * Math.max(max, 1e-12), 0);
        }
    }

    /**
     * The gradients of all named parameters; a parameter without one fails.
     *
     * @param floor absolute difference that is noise around a true gradient of 0
     */
    public static void assertGradients(
            Map<String, Tensor> parameters, Map<String, Tensor> expected, double tolerance, double floor) {
        assertThat(expected).isNotEmpty();
        expected.forEach((name, gradient) -> {
            var parameter = get(parameters, name);
            assertThat(parameter.grad().defined()).as("gradient of " + name).isTrue();
            double max =
                    Tensors.floats(Scopes.keep(() -> gradient.detach().abs().max()))[0];
            assertClose("gradient of " + name, parameter.grad(), gradient, Math.max(tolerance * max, floor), 0);
        });
    }
}
