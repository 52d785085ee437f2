// Starts those widgets of Wagtail's that would start themselves by a script in the page: the desk
// runs none (securing.py). What may be started is listed, for a page is not believed.

const STARTS = {
  initDateChooser: (...given) => initDateChooser(...given),
  initTimeChooser: (...given) => initTimeChooser(...given),
  initDateTimeChooser: (...given) => initDateTimeChooser(...given),
  createTaskChooser: (...given) => createTaskChooser(...given),
  Chooser: (...given) => new Chooser(...given),
  ImageChooser: (...given) => new ImageChooser(...given),
  SnippetChooser: (...given) => new SnippetChooser(...given),
  InlinePanel: (...given) => new InlinePanel(...given),
};

class Starting extends window.StimulusModule.Controller {
  static values = { what: String, with: Array };

  connect() {
    STARTS[this.whatValue](...this.withValue);
    this.element.remove(); // once, however often what it stands in is moved
  }
}

window.wagtail.app.register("desk-starting", Starting);
