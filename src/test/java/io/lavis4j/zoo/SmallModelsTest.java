package io.lavis4j.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.model.CaptionGenerator;
import io.lavis4j.model.TrainableModel;
import io.lavis4j.model.qformer.QFormerConfig;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tokenize.Tokenizer;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The type {@code small} of every family that has one, loaded by name without any file of the user's. */
@ExtendWith(LibtorchFirst.class)
class SmallModelsTest {

    @ParameterizedTest
    @ValueSource(strings = {"blip2_opt", "blip2_t5", "blip2_t5_instruct", "blip2_vicuna_instruct", "blip2"})
    void aSmallModelIsLoadedByItsName(String arch) {
        try (var loaded = ModelAndPreprocess.load(arch, "small", Devices.cpu());
                var scope = new PointerScope()) {
            assertThat(loaded.model().module().unsetParameters()).isEmpty();
            assertThat(loaded.as(TrainableModel.class).module().numParameters()).isLessThan(1_000_000);
            int size = loaded.visProcessors().eval().imageSize();
            assertThat(size).isEqualTo(84);
            var image = torch.zeros(1, 3, size, size);
            var generation = GenerationConfig.lavis().withNumBeams(1).withMaxLength(8);
            assertThat(loaded.as(CaptionGenerator.class).generate(image, generation))
                    .hasSize(1);
        }
    }

    @Test
    void theSmallQFormerHasTheWordsOfItsVocabulary() {
        var folder = WeightFiles.in(List.of()).tokenizer("lavis4j/qformer-small");
        try (var tokenizer = Tokenizer.qformer(folder)) {
            assertThat(QFormerConfig.small(8, 64).vocabSize()).isEqualTo(tokenizer.vocabSize());
        }
    }
}
