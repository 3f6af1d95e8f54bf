(** The checker: functions from a certificate's corners to a boolean, and what it means that it is true. Each corner is
    reached from the one before by a segment of a known kind. The first corner and those behind a readout segment are
    evaluated, and segments on which V and (A, a) move are bounded; a silent segment changes no loss.

    Definitions: [kind], of a segment; [readout_between], only V and (U, c) move; [linked], all segments are of their
    kinds; [probes_after], [probes_of], what is evaluated; [final], the last corner; [check], every loss is at most
    num/den; [check_depth], none is above the first by more than climb/den, and the last is below it by gain/den;
    [without_skip], V is zero at every corner; [fine], what a probe shows; [good], a point of the path, and [no_skip],
    that its V is zero.
    Statements: T6, T7. *)

From Coq Require Import Reals Lra Psatz List Arith Bool Lia ZArith Sint63.
From Skipscape.base Require Import sums relu paths.
From Skipscape.networks Require Import networks deep.
From Skipscape.lemmas Require Import readout losses.
From Skipscape.routes Require Import route.
From Skipscape.theorems Require Import bridge.
From Skipscape.certificates Require Import numbers evaluate samples liveness along probes.
Import ListNotations.
Open Scope R_scope.

Inductive kind := Silent | Readout | Senders.

Definition readout_between (c d : corner) : bool :=
  (list_eqb Nat.eqb (chosen c) (chosen d) && array_eqb (into_branch c) (into_branch d) &&
   list_eqb array_eqb (inside c) (inside d))%bool.

Fixpoint linked (s : sizes) (c : corner) (rest : list (kind * corner)) : bool :=
  match rest with
  | nil => true
  | (k, d) :: rest' =>
      (match k with Silent => silent_between s c d | Readout => readout_between c d | Senders => senders_move c d end
       && linked s d rest')%bool
  end.

Fixpoint probes_after (c : corner) (rest : list (kind * corner)) : list probe :=
  match rest with
  | nil => nil
  | (Silent, d) :: rest' => probes_after d rest'
  | (Readout, d) :: rest' => At d :: probes_after d rest'
  | (Senders, d) :: rest' => Along c d :: probes_after d rest'
  end.
Definition probes_of (c : corner) (rest : list (kind * corner)) : list probe := At c :: probes_after c rest.
Definition final (c : corner) (rest : list (kind * corner)) : corner := last (map snd rest) c.

Definition check (s : sizes) (X Y : array) (bank : list array) (c : corner) (rest : list (kind * corner)) (num den : Z) : bool :=
  let probes := probes_of c rest in
  let t := table s X Y bank (map (prepare s X Y bank) probes) in
  (Z.ltb 0 den && linked s c rest && sound_table s X Y bank probes t &&
   forallb (fun i => at_most (samples s) num den (total t i)) (seq 0 (length probes)))%bool.

Definition check_depth (s : sizes) (X Y : array) (bank : list array) (c : corner) (rest : list (kind * corner))
    (climb gain den : Z) : bool :=
  let probes := At (final c rest) :: probes_of c rest in
  let t := table s X Y bank (map (prepare s X Y bank) probes) in
  (Z.ltb 0 den && Z.ltb 0 gain && linked s c rest && sound_table s X Y bank probes t &&
   forallb (fun i => near (samples s) climb den (total t i) (total t 1)) (seq 1 (length (probes_of c rest))) &&
   far (samples s) gain den (total t 0) (total t 1))%bool.

(** PLAIN: V is zero at every corner, and so on the whole path *)
Definition without_skip (c : corner) (rest : list (kind * corner)) : bool :=
  forallb (fun d => match rows (into_outputs d) with nil => true | _ => false end) (c :: map snd rest).

Lemma last_cons {I : Type} (l : list I) : forall d c, last (d :: l) c = last l d.
Proof.
  induction l as [|a l IH]; intros d c; [easy|].
  change (last (d :: a :: l) c) with (last (a :: l) c). rewrite IH. symmetry. apply IH.
Qed.

Section Check.
Variables (s : sizes) (X Y : array) (bank : list array).
Notation given := (data_of (samples s) (seen_by_first s) (targets s) X Y).
Notation branch_of := (biased_branch (branch_width s) (branch_widths s)).
Notation weights := (network bank (width s)).
Notation loss := (loss_at s X Y).

Lemma readout_between_ok c d : readout_between c d = true ->
  weights d = readout (weights c) (V (weights d)) (U (weights d)).
Proof.
  intros H. unfold readout_between in H. rewrite !andb_true_iff in H. destruct H as [[H1 H2] H3].
  apply (list_eqb_ok _ (fun a b => proj1 (Nat.eqb_eq a b))) in H1. apply array_eqb_ok in H2.
  apply (list_eqb_ok _ array_eqb_ok) in H3.
  apply param_ext; intros; unfold readout, network; entries; now rewrite ?H1, ?H2, ?H3.
Qed.

Definition fine (level : R) (p : probe) : Prop :=
  match p with
  | At c => loss (weights c) <= level
  | Along c d => forall t, 0 <= t <= 1 -> loss (lin t (weights c) (weights d)) <= level
  end.

Definition no_skip (P : param) : Prop := forall j o, V P j o = 0.
Definition good (level : R) (bare : bool) (P : param) : Prop := loss P <= level /\ (bare = true -> no_skip P).

Lemma without_skip_ok c : match rows (into_outputs c) with nil => true | _ => false end = true -> no_skip (weights c).
Proof.
  intros H j o. unfold network; entries. unfold entry. destruct (rows (into_outputs c)); [|easy].
  destruct o; unfold digits; simpl; unfold Rdiv; ring.
Qed.

Lemma no_skip_along P P' t : no_skip P -> no_skip P' -> no_skip (lin t P P').
Proof.
  intros H H' j o. change (V (lin t P P') j o) with ((1 - t) * V P j o + t * V P' j o). rewrite H, H'. ring.
Qed.

(** the path, segment by segment *)
Lemma joined_below level bare rest : forall c, linked s c rest = true -> fine level (At c) ->
  (forall p, In p (probes_after c rest) -> fine level p) -> (bare = true -> without_skip c rest = true) ->
  joined (good level bare) (weights c) (weights (final c rest)).
Proof.
  induction rest as [|[k d] rest IH]; intros c H Hc Hall Hbare.
  - apply joined_refl. split; [exact Hc|]. intros Hb. specialize (Hbare Hb). unfold without_skip in Hbare.
    cbn [map forallb] in Hbare. apply andb_prop in Hbare. now apply without_skip_ok.
  - replace (final c ((k, d) :: rest)) with (final d rest) by (symmetry; apply last_cons).
    cbn [linked] in H. apply andb_prop in H. destruct H as [H1 H2].
    assert (Hbare' : bare = true -> no_skip (weights c) /\ no_skip (weights d) /\ without_skip d rest = true).
    { intros Hb. specialize (Hbare Hb). unfold without_skip in *. cbn [map forallb snd] in *.
      rewrite !andb_true_iff in *. destruct Hbare as (Hb1 & Hb2 & Hb3). repeat split; auto using without_skip_ok. }
    assert (Hsegment : (forall t, 0 <= t <= 1 -> loss (lin t (weights c) (weights d)) <= level) /\
      (forall p, In p (probes_after d rest) -> fine level p)).
    { destruct k; cbn [probes_after] in Hall.
      - split; [|easy]. intros t _. unfold loss_at. rewrite L9_certified by easy. exact Hc.
      - split; [|intros; apply Hall; now right]. intros t Ht.
        assert (Hd : loss (weights d) <= level) by (apply (Hall (At d)); now left).
        eapply Rle_trans; [|apply (Rmax_lub _ _ _ Hc Hd)].
        apply (silent_or_readout_below given (width s) branch_of (squared given)
          (convex_max_at_ends _ (L7_squared given)) (weights c) (weights d) t); [|easy].
        right. exists (V (weights d)), (U (weights d)). now apply readout_between_ok.
      - split; [|intros; apply Hall; now right]. apply (Hall (Along c d)). now left. }
    destruct Hsegment as [Hsegment Hafter]. apply (joined_step _ _ (weights d)).
    + intros t Ht. split; [now apply Hsegment|]. intros Hb. apply no_skip_along; now apply Hbare'.
    + apply IH; try easy; [|intros Hb; now apply Hbare']. unfold fine.
      rewrite <- (lin_1 (weights c) (weights d)). apply Hsegment. lra.
Qed.

(** what the table shows of a probe *)
Lemma probe_fine probes i level (below : scaled -> Prop) :
  let t := table s X Y bank (map (prepare s X Y bank) probes) in
  sound_table s X Y bank probes t = true -> (i < length probes)%nat -> below (total t i) ->
  (forall sum value, below sum -> INR (samples s) * value <= sval sum -> value <= level) ->
  forall p, nth i probes p = p -> fine level p.
Proof.
  intros t Ht Hi Hb Hlevel [c|c d] Ep; unfold fine.
  - apply (Hlevel _ _ Hb). right. symmetry. now apply (total_ok s X Y bank probes Ht i c).
  - intros u Hu. apply (Hlevel _ _ Hb). now apply (along_ok s X Y bank probes Ht i c d u).
Qed.

Lemma check_parts c rest num den : check s X Y bank c rest num den = true ->
  linked s c rest = true /\ forall p, In p (probes_of c rest) -> fine (IZR num / IZR den) p.
Proof.
  intros H. unfold check in H. cbv zeta in H. rewrite !andb_true_iff in H. destruct H as [[[Hd Hl] Ht] Hall].
  split; [easy|]. intros p Hin. apply (In_nth _ _ p) in Hin. destruct Hin as (i & Hi & Ei). rewrite forallb_forall in Hall.
  specialize (Hall i (proj2 (in_rng _ _) Hi)). apply Z.ltb_lt in Hd.
  apply (probe_fine (probes_of c rest) i _ (fun sum => at_most (samples s) num den sum = true) Ht Hi Hall); [|easy].
  intros sum value Hb E. now apply (at_most_ok s X Y bank _ Ht num den sum value Hd).
Qed.

(** what a certificate proves: T6's statement about these very networks and data *)
Theorem check_sound c rest num den : check s X Y bank c rest num den = true ->
  exists g, path g /\ g 0 = weights c /\ g 1 = weights (final c rest) /\
    forall t, 0 <= t <= 1 -> squared given (parallel given (width s) branch_of (g t)) <= IZR num / IZR den.
Proof.
  intros H. apply check_parts in H. destruct H as [Hl Hall].
  destruct (joined_path _ _ _ (joined_below (IZR num / IZR den) false rest c Hl (Hall _ (or_introl eq_refl))
    (fun p Hp => Hall p (or_intror Hp)) ltac:(easy))) as (g & Hg & g0 & g1 & Hgood).
  exists g. repeat split; try easy. intros t Ht. apply (Hgood t Ht).
Qed.

Theorem check_sound_plain c rest num den : check s X Y bank c rest num den = true -> without_skip c rest = true ->
  exists g, path g /\ g 0 = weights c /\ g 1 = weights (final c rest) /\
    forall t, 0 <= t <= 1 -> squared given (plain given (width s) branch_of (g t)) <= IZR num / IZR den.
Proof.
  intros H Hbare. apply check_parts in H. destruct H as [Hl Hall].
  destruct (joined_path _ _ _ (joined_below (IZR num / IZR den) true rest c Hl (Hall _ (or_introl eq_refl))
    (fun p Hp => Hall p (or_intror Hp)) (fun _ => Hbare))) as (g & Hg & g0 & g1 & Hgood).
  exists g. repeat split; try easy. intros t Ht. destruct (Hgood t Ht) as [Hlevel Hv]. specialize (Hv eq_refl).
  replace (plain given (width s) branch_of (g t)) with (parallel given (width s) branch_of (g t)); [exact Hlevel|].
  apply matrix_ext. intros k o. unfold parallel, plain. replace (skip _ _ _ _ _) with 0; [ring|]. symmetry.
  apply lsum_zero. intros j _. rewrite Hv. ring.
Qed.

(** T7's question, as [depth_at_most] has it, with the gain *)
Theorem depth_sound c rest climb gain den : check_depth s X Y bank c rest climb gain den = true ->
  let F := fun P => squared given (parallel given (width s) branch_of P) in
  (exists g, path g /\ g 0 = weights c /\ F (g 1) + IZR gain / IZR den <= F (weights c) /\
    forall t, 0 <= t <= 1 -> F (g t) <= F (weights c) + IZR climb / IZR den) /\
  depth_at_most F (weights c) (IZR climb / IZR den).
Proof.
  intros H F. unfold check_depth in H. cbv zeta in H. rewrite !andb_true_iff in H.
  destruct H as [[[[[Hd Hpos] Hl] Ht] Hall] Hfar]. apply Z.ltb_lt in Hd, Hpos. rewrite forallb_forall in Hall.
  set (all := At (final c rest) :: probes_of c rest) in *.
  pose proof (total_ok s X Y bank all Ht 1 c ltac:(simpl; lia) eq_refl) as Hstart.
  pose proof (total_ok s X Y bank all Ht 0 (final c rest) ltac:(simpl; lia) eq_refl) as Hend.
  assert (Hfine : forall p, In p (probes_of c rest) -> fine (loss (weights c) + IZR climb / IZR den) p).
  { intros p Hin. apply (In_nth _ _ p) in Hin. destruct Hin as (i & Hi & Ei).
    assert (Hi' : In (S i) (seq 1 (length (probes_of c rest)))) by (apply in_seq; lia). specialize (Hall _ Hi').
    apply (probe_fine all (S i) _ (fun sum => near (samples s) climb den sum (total (table s X Y bank
      (map (prepare s X Y bank) all)) 1) = true) Ht); [unfold all; simpl in *; lia | exact Hall | | exact Ei].
    intros sum value Hb E. now apply (near_ok s X Y bank all Ht climb den sum _ value _ Hd E Hstart). }
  destruct (joined_path _ _ _ (joined_below _ false rest c Hl (Hfine _ (or_introl eq_refl))
    (fun p Hp => Hfine p (or_intror Hp)) ltac:(easy))) as (g & Hg & g0 & g1 & Hgood).
  assert (Hgain : F (g 1) + IZR gain / IZR den <= F (weights c)).
  { rewrite g1. exact (far_ok s X Y bank all Ht gain den _ _ _ _ Hd Hend Hstart Hfar). }
  split.
  - exists g. repeat split; try easy. intros t Ht'. apply (Hgood t Ht').
  - exists g. split; [easy|]. split; [easy|]. split; [|intros t Ht'; apply (Hgood t Ht')].
    assert (0 < IZR gain / IZR den) by (apply Rdiv_lt_0_compat; now apply IZR_lt). lra.
Qed.
End Check.
