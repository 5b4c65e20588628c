package io.lavis4j.family;

import io.lavis4j.config.Section;
import io.lavis4j.tokenize.Tokenizer;
import io.lavis4j.zoo.LocatedWeights;
import io.lavis4j.zoo.ModelType;
import io.lavis4j.zoo.QFormerKeys;
import io.lavis4j.zoo.VisionKeys;
import io.lavis4j.zoo.WeightFiles;
import io.lavis4j.zoo.WeightSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Device;

/** The type record of the second family. */
record Blip2MeanType(VisionKeys vision, QFormerKeys qformer) implements ModelType<Blip2Mean> {

    static Blip2MeanType read(Section model) {
        var vision = model.read(VisionKeys::read);
        var qformer = model.read(QFormerKeys::read);
        return new Blip2MeanType(Section.present(vision), Section.present(qformer));
    }

    @Override
    public List<WeightSource<Blip2Mean>> sources() {
        return Stream.of(vision.<Blip2Mean>source(), qformer.source(Blip2Mean::qformer))
                .flatMap(Optional::stream)
                .toList();
    }

    @Override
    public Blip2Mean create(LocatedWeights files, Device device) {
        var words = WeightFiles.in(List.of()).model("lavis4j/opt-small");
        return new Blip2Mean(vision.blip2(qformer, 32), Tokenizer.opt(words), device);
    }

    @Override
    public boolean isNew(String parameter) {
        return QFormerKeys.isNew(parameter);
    }

    @Override
    public int imageSize() {
        return vision.imageSize();
    }
}
